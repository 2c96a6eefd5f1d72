import type { Candidate } from './candidates.ts';

/** What a shell needs to ask `weir completion SHELL -- WORDS` what may come next. */
export interface Shell {
  /** The script that the user's shell reads once. */
  readonly script: string;
  /** Candidates in the form that the script reads, one line each. */
  readonly line: (candidate: Candidate) => string;
}

const BASH = `# bash completion of weir
_weir() {
  local IFS=$'\\n'
  COMPREPLY=($(weir completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _weir weir
`;

const ZSH = `#compdef weir
_weir() {
  local -a candidates
  candidates=("\${(@f)$(weir completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[*]}" ]]; then _describe weir candidates; else compset -P '-*='; _files; fi
}
if [ "\${funcstack[1]}" = _weir ]; then _weir; else compdef _weir weir; fi
`;

const FISH = `# fish completion of weir
function __weir_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    set -l candidates (weir completion fish -- $words[2..-1] 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete -c weir -f -a '(__weir_complete)'
`;

/** Shells by name. Each offers file names where there are no candidates. */
export const SHELLS = {
  bash: { script: BASH, line: ({ word }) => word },
  zsh: { script: ZSH, line: ({ word, meaning }) => told(word.replaceAll(':', '\\:'), ':', meaning) },
  fish: { script: FISH, line: ({ word, meaning }) => told(word, '\t', meaning) },
} as const satisfies Readonly<Record<string, Shell>>;

function told(word: string, separator: string, meaning: string): string {
  return meaning === '' ? word : `${word}${separator}${meaning}`;
}
