import { describe, expect, it } from 'vitest';
import { type KubeObject, ownerReference } from '../kube/object.ts';
import { SPARK_LABELS } from './conf/submission.ts';
import { KINDS } from './observe.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { actionsOf, driver, plan, SUBMISSION } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';

type Kind = keyof typeof KINDS;

/** An object around the application, made for the recorded submission unless another one is named. */
function object(
  kind: Kind,
  name: string,
  more: { submission?: string; spec?: object; metadata?: object } = {},
): KubeObject {
  const { submission = SUBMISSION.submissionId, spec, metadata } = more;
  return {
    ...KINDS[kind],
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      labels: { [SPARK_LABELS.appName]: 'pi', [SPARK_LABELS.submissionId]: submission },
      ownerReferences: [ownerReference(aSparkApplication(), { controller: true })],
      ...metadata,
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

const UI = object('service', 'pi-ui-svc', { spec: { clusterIP: '10.0.0.7', ports: [{ port: 80 }] } });
const running = (...supports: readonly KubeObject[]) => ({ drivers: [driver('Running')], supports });
const ingress = { ...DEFAULT_SETTINGS.ingress, urlFormat: 'https://spark.example.org/{{$appName}}' };

describe('the UI in the status', () => {
  it('is there once its Service is, with the address the API server gave it', () => {
    expect(plan({ observed: running(UI) }).status?.driverInfo).toEqual({
      podName: 'pi-driver',
      webUIServiceName: 'pi-ui-svc',
      webUIAddress: '10.0.0.7:80',
      webUIPort: 80,
    });
    const six = object('service', 'pi-ui-svc', { spec: { clusterIP: 'fd00::7', ports: [{ port: 80 }] } });
    expect(plan({ observed: running(six) }).status?.driverInfo?.webUIAddress).toBe('[fd00::7]:80');
    expect(plan({ observed: running(object('service', 'pi-ui-svc')) }).status?.driverInfo).toEqual({
      podName: 'pi-driver',
      webUIServiceName: 'pi-ui-svc',
    });
  });

  it('has the address outside the cluster where there is an Ingress', () => {
    const observed = running(UI, object('ingress', 'pi-ui-ingress'));
    expect(plan({ observed, settings: { ingress } }).status?.driverInfo).toMatchObject({
      webUIIngressName: 'pi-ui-ingress',
      webUIIngressAddress: 'https://spark.example.org/pi',
    });
  });

  it('is not that of another submission, and stays when the objects go', () => {
    const old = object('service', 'pi-ui-svc', { submission: 'old', spec: UI.spec as object });
    expect(plan({ observed: running(old) }).status?.driverInfo).toEqual({ podName: 'pi-driver' });
    const status = {
      driverInfo: { podName: 'pi-driver', webUIServiceName: 'pi-ui-svc', webUIAddress: '10.0.0.1:4040' },
    };
    expect(plan({ status, observed: running() }).status?.driverInfo).toEqual(status.driverInfo);
  });
});

describe('objects around an application', () => {
  it('of an earlier submission go, but for those this one has too, though a cache shows them as they were', () => {
    const spec = { driverIngressOptions: [{ servicePort: 80 }] };
    const old = ['pi-ui-svc', 'pi-driver-80', 'pi-driver-81'].map((name) =>
      object('service', name, { submission: 'old' }),
    );
    expect(actionsOf(plan({ spec, observed: running(...old) }))).toEqual(['delete Service pi-driver-81']);
  });

  it('are left alone while the spec cannot be acted on', () => {
    const old = object('service', 'pi-driver-81', { submission: 'old' });
    const refused = plan({ spec: { mode: 'client' }, recorded: {}, observed: running(old) });
    expect(refused.actions).toEqual([]);
  });

  it('go with the run: all of them with its suspension, the disruption budget with its end', () => {
    const supports = [UI, object('disruptionBudget', 'pi-driver')];
    const suspended = plan({ state: 'SUSPENDING', spec: { suspend: true }, observed: { supports } });
    expect(actionsOf(suspended)).toEqual(['delete Service pi-ui-svc', 'delete PodDisruptionBudget pi-driver']);
    const ended = plan({ state: 'COMPLETED', observed: { drivers: [driver('Succeeded')], supports } });
    expect(actionsOf(ended)).toEqual(['delete PodDisruptionBudget pi-driver']);
  });

  it('are waited for where one of the run before is still being deleted', () => {
    const going = object('service', 'pi-ui-svc', { metadata: { deletionTimestamp: '2026-02-03T04:05:59Z' } });
    const decided = plan({ state: 'PENDING_RERUN', observed: { supports: [going] } });
    expect(decided.actions).toEqual([]);
    expect(decided.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Reconciling',
        message: 'Service pi-ui-svc of the run before is still being deleted',
      }),
    );
  });

  it('that are of use to a running driver only are made once for each submission, and never changed', () => {
    const spec = { driverPodDisruptionBudget: true };
    const supports = [object('disruptionBudget', 'pi-driver')];
    const rerun = { state: 'PENDING_RERUN', spec } as const;
    const cleared = plan({ ...rerun, observed: { supports } });
    expect(actionsOf(cleared)).toEqual(['delete PodDisruptionBudget pi-driver']);
    expect(cleared.status?.submissionID).toBe(SUBMISSION.submissionId);
    expect(actionsOf(plan(rerun))).toContain('create PodDisruptionBudget pi-driver');
    const again = { state: 'SUBMITTED', seen: false, spec } as const;
    expect(actionsOf(plan(again))).toContain('create PodDisruptionBudget pi-driver');
    expect(actionsOf(plan({ ...again, observed: { supports } })).join()).not.toContain('PodDisruptionBudget');
  });
});
