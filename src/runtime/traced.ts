import type { ServiceHttp } from '../core/ports.ts';
import type { KubeObject } from '../kube/object.ts';
import type { KubeClient } from './kube-client.ts';
import type { Tracer } from './tracer.ts';

/** The same client, whose requests are spans of the pass they are made in. Watches are not. */
export function tracedClient(client: KubeClient, tracer: Tracer | undefined): KubeClient {
  if (tracer === undefined) return client;
  return {
    ...client,
    request: (request) => {
      const { method, path, what = `${method} ${path}` } = request;
      const attributes = { 'http.request.method': method, 'url.path': path };
      return tracer.request({ name: what, attributes }, () => client.request(request));
    },
  };
}

/** The same access to Services, whose requests are spans of the pass they are made in. */
export function tracedServiceHttp(http: ServiceHttp, tracer: Tracer | undefined): ServiceHttp {
  if (tracer === undefined) return http;
  return {
    request(request, signal) {
      const { method, service, namespace, path } = request;
      const [route = ''] = path.split('?');
      const attributes = {
        'http.request.method': method,
        'url.path': route,
        'server.address': `${service}.${namespace}`,
      };
      return tracer.request({ name: `${method} ${service}.${namespace}${route}`, attributes }, async () => {
        const answer = await http.request(request, signal);
        tracer.annotate({ 'http.response.status_code': answer.status });
        return answer;
      });
    },
  };
}

/** What a pass is about. */
export interface TracedPass {
  readonly controller: string;
  readonly pass: number;
  readonly resource: KubeObject;
}

/** A pass as the root of a trace, with its outcome. Rejects as the pass does. */
export function tracedPass<Outcome extends string>(
  tracer: Tracer | undefined,
  { controller, pass, resource: { kind, metadata } }: TracedPass,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (tracer === undefined) return work();
  const attributes = {
    'weir.controller': controller,
    'weir.pass': pass,
    'weir.resource.kind': kind,
    'k8s.namespace.name': metadata.namespace ?? '',
    'weir.resource.name': metadata.name,
  };
  return tracer.root({ name: `reconcile ${kind}`, attributes }, async () => {
    const outcome = await work();
    tracer.annotate({ 'weir.outcome': outcome });
    return outcome;
  });
}
