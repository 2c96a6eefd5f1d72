import type { Intent, ReadySession, SessionState, Situation } from '../situation.ts';

/** Waits for the session: nothing can be submitted, and nothing is lost by waiting. */
export function awaitSession(session: Exclude<SessionState, ReadySession>, what: string): Intent {
  const because = session.kind === 'missing' ? 'SessionNotFound' : 'SessionNotReady';
  const probe = session.kind === 'missing' ? 'off' : 'slow';
  return { because, message: `${session.why}; ${what}`, phase: 'progressing', probe };
}

/** Waits for the session's JobManager to say how the job stands; names the session where that is why it does not. */
export function awaitAnswer({ session, observed }: Situation, what: string): Intent {
  if (session.kind !== 'ready') return awaitSession(session, what);
  const { rest } = observed;
  const why = rest.kind === 'unknown' ? ` (${rest.why})` : '';
  const message = `waiting for the session's JobManager to answer${why}; ${what}`;
  return { because: 'WaitingForJobManager', message, phase: 'progressing', probe: 'fast' };
}
