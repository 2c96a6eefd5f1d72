import { asked, idle } from './notice.ts';
import type { RestartPolicy } from './schema.ts';

const AT = 'spec.restartPolicy';

/**
 * A sentence about what spec.restartPolicy has in vain (ShouldRetry, Kubeflow Spark Operator 2.5). `type` is the name of the
 * field that says when to repeat.
 */
export function restartNotices(policy: RestartPolicy = {}, type = 'type'): readonly string[] {
  switch (policy.type) {
    case 'Always':
      return idle(asked(AT, retriesOf(policy)), `with ${AT}.${type} Always there is no end of it`);
    case 'OnFailure':
      return onFailure(policy, type);
    default:
      return idle(asked(AT, { ...retriesOf(policy), ...intervalsOf(policy) }), `only with ${AT}.${type} OnFailure`);
  }
}

function onFailure(policy: RestartPolicy, type: string): readonly string[] {
  const { onFailureRetries: runs, onSubmissionFailureRetries: submissions } = policy;
  if (runs === undefined && submissions === undefined) {
    return idle([`${AT}.${type}`], `what failed is repeated ${AT}.onFailureRetries times, which is not set`);
  }
  const { onFailureRetryInterval, onSubmissionFailureRetryInterval } = policy;
  return [
    ...(runs === undefined ? idle(asked(AT, { onFailureRetryInterval }), `${AT}.onFailureRetries is not set`) : []),
    ...(submissions === undefined
      ? idle(asked(AT, { onSubmissionFailureRetryInterval }), `${AT}.onSubmissionFailureRetries is not set`)
      : []),
  ];
}

function retriesOf({ onFailureRetries, onSubmissionFailureRetries }: RestartPolicy) {
  return { onFailureRetries, onSubmissionFailureRetries };
}

function intervalsOf({ onFailureRetryInterval, onSubmissionFailureRetryInterval }: RestartPolicy) {
  return { onFailureRetryInterval, onSubmissionFailureRetryInterval };
}
