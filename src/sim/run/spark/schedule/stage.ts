import { RUN_NOW_ANNOTATION } from '../../../../spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND } from '../../../../spark/schema.ts';
import type { SimOperator } from '../../../kube/operator-life.ts';
import { SparkStage, type SparkStageParts } from '../stage.ts';
import { tickOf } from './ticks.ts';

/** Where a scenario's steps act: one ScheduledSparkApplication, its runs, and the people and accidents around it. */
export class ScheduleStage extends SparkStage {
  readonly operator: Pick<SimOperator, 'start' | 'crash'>;
  /** Runs that somebody deleted by hand. */
  readonly taken: string[] = [];

  constructor(parts: SparkStageParts & { readonly operator: Pick<SimOperator, 'start' | 'crash'> }) {
    super(parts);
    this.operator = parts.operator;
  }

  /** kubectl annotate with the text that asks for a run. */
  askForRun(text: string): void {
    const { apiVersion, kind, metadata } = this.resource;
    const { name, namespace = 'default' } = metadata;
    const annotations = { [RUN_NOW_ANNOTATION]: text };
    this.user.patch({ apiVersion, kind, name, namespace }, { metadata: { annotations } });
  }

  /** kubectl delete of the SparkApplication of the run that was due at a time. */
  removeRun(tick: string): void {
    const { namespace = 'default' } = this.resource.metadata;
    for (const { metadata } of this.user.list(SPARK_APPLICATION_KIND, namespace)) {
      if (tickOf(metadata.name) !== tick) continue;
      this.taken.push(metadata.name);
      this.user.delete({ ...SPARK_APPLICATION_KIND, namespace, name: metadata.name });
    }
  }
}
