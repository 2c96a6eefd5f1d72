import { type AnyOption, duration, notYet, openOption, option, wholeNumber, wordList, yesNo } from './types.ts';

const UNTIL_STATE = notYet('savepoint history is being built');
const UNTIL_SESSIONS = notYet('session clusters are being built');

/** Options of the operator's configuration that decide about single resources; a resource cannot set them. */
export const GUARD_OPTIONS = {
  savepointHistoryMaxAgeThreshold: openOption(
    duration,
    'savepoint.history.max.age.threshold',
    'The most that savepoint.history.max.age may be.',
    { scope: 'operator', standing: UNTIL_STATE },
  ),
  savepointHistoryMaxCountThreshold: openOption(
    wholeNumber(0),
    'savepoint.history.max.count.threshold',
    'The most that savepoint.history.max.count may be.',
    { scope: 'operator', standing: UNTIL_STATE },
  ),
  artifactAllowedSchemes: option(
    wordList,
    ['user.artifacts.allowed-schemes', 'https'],
    "Schemes a session job's jarURI may have.",
    { scope: 'operator', standing: UNTIL_SESSIONS },
  ),
  artifactDisallowRestrictedHosts: option(
    yesNo,
    ['user.artifacts.disallow-restricted-hosts', 'true'],
    "Whether a session job's jarURI may not name hosts with loopback, link-local, private, wildcard or multicast addresses.",
    { scope: 'operator', standing: UNTIL_SESSIONS },
  ),
  resourceCleanupTimeout: option(
    duration,
    ['resource.cleanup.timeout', '5 min'],
    'How long the end of a cluster is waited for.',
    {
      scope: 'operator',
      oldNames: ['reconciler.flink.cluster.shutdown.timeout'],
      standing: notYet('Weir waits as long as it takes, and says so'),
    },
  ),
} as const satisfies Record<string, AnyOption>;
