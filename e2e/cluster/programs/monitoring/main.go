// Judges dashboards and alerts by the code of those who read them: Grafana's schema of dashboards, Prometheus' reader of rules.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// What is wrong with a dashboard: fields that are unknown, missing or of another type, and values that are not allowed.
func dashboardProblems(content []byte) []error {
	read := dashboard.Dashboard{}
	if err := read.UnmarshalJSONStrict(content); err != nil {
		return []error{err}
	}
	if err := read.Validate(); err != nil {
		return []error{err}
	}
	return nil
}

// What is wrong with a file of rules: its form, its PromQL, its templates.
func ruleProblems(content []byte) []error {
	_, problems := rulefmt.Parse(content, false, model.UTF8Validation, parser.NewParser(parser.Options{}))
	return problems
}

func main() {
	judges := map[string]func([]byte) []error{"dashboard": dashboardProblems, "rules": ruleProblems}
	if len(os.Args) != 3 || judges[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: monitoring-check dashboard|rules FILE")
		os.Exit(2)
	}
	content, err := os.ReadFile(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	plugins.RegisterDefaultPlugins()
	problems := judges[os.Args[1]](content)
	for _, problem := range problems {
		fmt.Println(problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}
