import { parseMemorySize } from '../../lib/memory-size.ts';
import { decodeList } from '../conf/values.ts';
import { excludedPeriods } from './excluded-periods.ts';
import {
  type AnyOption,
  duration,
  freeText,
  notApplicable,
  OPERATOR_PREFIX,
  type OperatorOption,
  type OptionType,
  oneOf,
  openOption,
  option,
  type Standing,
  yesNo,
} from './types.ts';

/** What the options of the autoscaler start with; the incumbent also reads them with OPERATOR_PREFIX before it. */
export const AUTOSCALER_PREFIX = 'job.autoscaler.';

/** What becomes of options that name Java classes. */
export const JAVA_PLUGIN: Standing = notApplicable('plug-ins are Java classes, and no JVM runs in Weir');

const NO_TUNING = notApplicable('the memory of TaskManagers is as the resource has it, whatever is scaled');

/** A number as Java reads one, from `min` to `max`. */
function real(min = -Number.MAX_VALUE, max = Number.MAX_VALUE): OptionType<number> {
  const bounds = max < Number.MAX_VALUE ? ` from ${min} to ${max}` : ` of at least ${min}`;
  return {
    name: 'number',
    rule: `be a number${min === -Number.MAX_VALUE ? '' : bounds}`,
    parse(text) {
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?[df]?$/i.test(text)) return undefined;
      const value = Number.parseFloat(text);
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** A whole number as Java's int holds it. */
const int: OptionType<number> = {
  name: 'whole number',
  rule: `be a whole number from ${-(2 ** 31)} to ${2 ** 31 - 1}`,
  parse(text) {
    const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
  },
};

const memory: OptionType<number> = {
  name: 'memory size',
  rule: 'be a memory size such as 512m or 16 gb',
  parse: parseMemorySize,
};

const ids: OptionType<ReadonlySet<string>> = {
  name: 'list',
  rule: 'be a list of vertex ids such as bc764cd8ddf7a0cff126f51c16239658;20ba6b65f97481d5570070de90e4e791',
  parse: (text) => new Set(decodeList(text).map((id) => id.toLowerCase())),
};

/** An option under its own name, then with the operator's prefix, then under still older names (Flink's order of them). */
function named<T, D extends T | undefined>(
  made: OperatorOption<T, D>,
  older: readonly string[] = [],
): OperatorOption<T, D> {
  const key = made.key.slice(OPERATOR_PREFIX.length);
  const olderNames = [...older.map((name) => OPERATOR_PREFIX + AUTOSCALER_PREFIX + name)];
  const bare = older.map((name) => AUTOSCALER_PREFIX + name);
  return { ...made, key, oldNames: [made.key, ...olderNames, ...bare] };
}

function scaler<T>(
  type: OptionType<T>,
  [key, text]: readonly [key: string, text: string],
  description: string,
  older: readonly string[] = [],
): OperatorOption<T, T> {
  return named(option(type, [AUTOSCALER_PREFIX + key, text], description), older);
}

function open<T>(type: OptionType<T>, key: string, description: string): OperatorOption<T, undefined> {
  return named(openOption(type, AUTOSCALER_PREFIX + key, description));
}

/** Options about when the autoscaler looks and when it acts. */
const WHEN = {
  enabled: scaler(yesNo, ['enabled', 'false'], 'Whether the parallelism of the vertices follows their load.'),
  scalingEnabled: scaler(
    yesNo,
    ['scaling.enabled', 'true'],
    'Whether what is worked out is done; if not, it is only said.',
  ),
  metricsWindow: scaler(duration, ['metrics.window', '15 min'], 'The time over which what is measured is averaged.'),
  stabilizationInterval: scaler(
    duration,
    ['stabilization.interval', '5 min'],
    'How long a job that has just begun to run is left alone.',
  ),
  excludedPeriods: open(
    excludedPeriods,
    'excluded.periods',
    'Times in which nothing is scaled, by the time zone of kubernetes.operator.periodic.time-zone.',
  ),
  scaleDownInterval: scaler(
    duration,
    ['scale-down.interval', '1 h'],
    'How long a vertex must have been too large before it is scaled down, to the largest of what it needed meanwhile; 0 for at once.',
    ['scale-up.grace-period'],
  ),
  eventInterval: scaler(duration, ['scaling.event.interval', '30 min'], 'After how long the same event is said again.'),
  restTimeout: scaler(duration, ['flink.rest-client.timeout', '10 s'], 'How long an answer of Flink is waited for.'),
} as const satisfies Record<string, AnyOption>;

/** Options about how much is needed. */
const HOW_MUCH = {
  utilizationTarget: scaler(
    real(0, 1),
    ['utilization.target', '0.7'],
    'The share of its capacity that a vertex is to work at.',
    ['target.utilization'],
  ),
  utilizationMax: open(real(0, 1), 'utilization.max', 'The share above which a vertex is too small.'),
  utilizationMin: open(real(0, 1), 'utilization.min', 'The share below which a vertex is too large.'),
  utilizationBoundary: scaler(
    real(0),
    ['target.utilization.boundary', '0.3'],
    'How far a vertex may be from the target where utilization.max and utilization.min are not set.',
  ),
  scaleDownMaxFactor: scaler(
    real(0),
    ['scale-down.max-factor', '0.6'],
    'The largest share of its parallelism that a vertex loses at once.',
  ),
  scaleUpMaxFactor: scaler(
    real(0),
    ['scale-up.max-factor', '100000'],
    'The most that is added to a vertex at once, in times its parallelism.',
  ),
  catchUpDuration: scaler(
    duration,
    ['catch-up.duration', '30 min'],
    'The time in which a backlog is to be worked off; 0 for not looking at it.',
  ),
  restartTime: scaler(duration, ['restart.time', '5 min'], 'How long a scaling keeps the job from working.'),
  restartTracking: scaler(
    yesNo,
    ['restart.time-tracking.enabled', 'false'],
    'Whether the longest that scalings were seen to take is used in place of restart.time.',
  ),
  restartTrackingLimit: scaler(
    duration,
    ['restart.time-tracking.limit', '15 min'],
    'The most that is used in its place.',
  ),
  backlogLag: scaler(
    duration,
    ['backlog-processing.lag-threshold', '5 min'],
    'The backlog, in time at the present rate, above which no vertex is scaled down and all may work to capacity.',
  ),
  observedLag: scaler(
    duration,
    ['observed-true-processing-rate.lag-threshold', '30 s'],
    'The backlog above which the rate of a source is taken for its capacity.',
  ),
  observedSwitch: scaler(
    real(),
    ['observed-true-processing-rate.switch-threshold', '0.15'],
    'By which share the capacity worked out from the busy time must be above the one that was seen before it is not believed.',
  ),
  observedMin: scaler(
    int,
    ['observed-true-processing-rate.min-observations', '2'],
    'How often the rate of a source must have been seen to be taken for its capacity.',
  ),
  scalabilityEnabled: scaler(
    yesNo,
    ['observed-scalability.enabled', 'false'],
    'Whether past scalings tell how much each further subtask brings.',
  ),
  scalabilityMin: scaler(
    int,
    ['observed-scalability.min-observations', '3'],
    'How many scalings must be remembered for that.',
  ),
  scalabilityCoefficientMin: scaler(
    real(),
    ['observed-scalability.coefficient-min', '0.5'],
    'The least that a further subtask is taken to bring, as a share of the first.',
  ),
  busyAggregator: scaler(
    oneOf('MAX', 'MIN', 'AVG'),
    ['metrics.busy-time.aggregator', 'MAX'],
    'Which of its subtasks a vertex is as busy as.',
  ),
} as const satisfies Record<string, AnyOption>;

/** Options about what is not done. */
const LIMITS = {
  vertexMin: scaler(int, ['vertex.min-parallelism', '1'], 'The least a vertex is scaled down to.'),
  vertexMax: scaler(int, ['vertex.max-parallelism', '200'], 'The most a vertex is scaled up to.'),
  excludedVertices: open(ids, 'vertex.exclude.ids', 'Vertices that are not scaled, by id.'),
  alignment: open(
    freeText,
    'scaling.parallelism-alignment.mode',
    'How a vertex behind keyBy, or a source that knows its partitions, is fitted to their number: BALANCED (the default: the next parallelism that gives every subtask less), EVENLY_SPREAD (the next that divides it) or OFF.',
  ),
  adjustMode: open(
    oneOf('EVENLY_SPREAD', 'MAXIMIZE_UTILISATION'),
    'scaling.key-group.partitions.adjust.mode',
    'The same, of an older release: what cannot be fitted is not scaled. Read where scaling.parallelism-alignment.mode is not set.',
  ),
  effectivenessEnabled: scaler(
    yesNo,
    ['scaling.effectiveness.detection.enabled', 'false'],
    'Whether a vertex is not scaled up further when the last time brought too little.',
  ),
  effectivenessThreshold: scaler(
    real(),
    ['scaling.effectiveness.threshold', '0.1'],
    'The share of what was expected below which a scale-up brought too little.',
  ),
  gcPressure: scaler(
    real(0, 1),
    ['memory.gc-pressure.threshold', '1.0'],
    'The share of time spent in garbage collection above which nothing is scaled.',
  ),
  heapUsage: scaler(
    real(0, 1),
    ['memory.heap-usage.threshold', '1.0'],
    'The share of the heap in use above which nothing is scaled.',
  ),
  quotaCpu: open(real(), 'quota.cpu', 'The cores that the TaskManagers of the job may have together.'),
  quotaMemory: open(memory, 'quota.memory', 'The memory that the TaskManagers of the job may have together.'),
  historyCount: scaler(int, ['history.max.count', '3'], 'How many scalings of a vertex are remembered.'),
  historyAge: scaler(duration, ['history.max.age', '1 d'], 'How long scalings of a vertex are remembered.'),
} as const satisfies Record<string, AnyOption>;

/** Every option of the autoscaler that is read, by the name code reads it under. */
export const AUTOSCALER_OPTIONS = { ...WHEN, ...HOW_MUCH, ...LIMITS } as const;

function unread(key: string, text: string, description: string, standing: Standing): AnyOption {
  return named(option(freeText, [AUTOSCALER_PREFIX + key, text], description, { standing }));
}

/** Those that are not. */
export const UNREAD_AUTOSCALER_OPTIONS: readonly AnyOption[] = [
  unread('memory.tuning.enabled', 'false', 'Whether the memory of TaskManagers follows its use.', NO_TUNING),
  unread('memory.tuning.overhead', '0.2', 'What is added to the memory that is used.', NO_TUNING),
  unread('memory.tuning.maximize-managed-memory', 'false', 'Whether what is saved becomes managed memory.', NO_TUNING),
  unread(
    'memory.tuning.scale-down-compensation.enabled',
    'true',
    'Whether fewer TaskManagers get more memory each.',
    NO_TUNING,
  ),
  named(
    openOption(freeText, `${AUTOSCALER_PREFIX}metrics.custom-evaluators`, 'Plug-ins that evaluate metrics.', {
      standing: JAVA_PLUGIN,
    }),
  ),
  named(
    openOption(freeText, `${AUTOSCALER_PREFIX}scaling.custom-executors`, 'Plug-ins that change or veto scalings.', {
      standing: JAVA_PLUGIN,
    }),
  ),
];
