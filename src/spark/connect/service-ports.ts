import { isDnsLabel } from '../../kube/names.ts';
import { fieldPath } from '../../kube/parse.ts';
import { isRecord } from '../../lib/json.ts';
import { idle } from '../notice.ts';
import type { SparkConnectSpec } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The ports of the Service clients use, and a sentence about each thing that the spec says of them in vain. */
export interface ServicePorts {
  readonly ports: readonly Fields[];
  readonly notices: readonly string[];
}

/** The server's ports, by name and number as the incumbent has them, and the properties that move them in its pod. */
const SERVER_PORTS = [
  { name: 'driver-rpc', port: 7078, property: 'spark.driver.port' },
  { name: 'blockmanager', port: 7079, property: 'spark.driver.blockManager.port' },
  { name: 'web-ui', port: 4040, property: 'spark.ui.port', appProtocol: 'http' },
  { name: 'spark-connect-server', port: 15002, property: 'spark.connect.grpc.binding.port', appProtocol: 'grpc' },
] as const;

const AT = ['spec', 'server', 'service', 'spec', 'ports'] as const;

/**
 * The server's four ports, always: with the node port and application protocol that the spec gives one of them, by its number.
 * Then the spec's other ports. The incumbent has the four alone; what it takes of any other port it never shows.
 */
export function servicePorts(spec: SparkConnectSpec): ServicePorts {
  const service: unknown = spec.server?.service?.spec;
  const { ports, type } = isRecord(service) ? service : {};
  const onNodes = type === 'NodePort' || type === 'LoadBalancer';
  const own = serverPorts(spec);
  const given = (Array.isArray(ports) ? ports : []).map((port, index) => readPort(port, index));
  const first = given.filter(({ id }, index) => id !== undefined && given.findIndex((one) => one.id === id) === index);
  return {
    ports: [
      ...own.map((port) => ({
        ...port,
        ...changed(
          first.find(({ id }) => id === idOf(port)),
          onNodes,
        ),
      })),
      ...first.filter(({ id }) => !own.some((port) => idOf(port) === id)).map((port) => further(port, own, onNodes)),
    ],
    notices: given.flatMap((port) => noticesOf(port, { known: first.includes(port), own, onNodes })),
  };
}

/** By number, since a server of the incumbent has no names for its ports. */
function serverPorts({ sparkConf = {} }: SparkConnectSpec): readonly ServerPort[] {
  return SERVER_PORTS.map(({ property, ...port }) => ({
    ...port,
    targetPort: Number(sparkConf[property] ?? port.port),
    protocol: 'TCP',
  }));
}

type ServerPort = Fields & { readonly name: string; readonly port: number; readonly targetPort: number };

/** One entry of the spec; without `id` where no Service can have it. */
interface Given {
  readonly fields: Fields;
  readonly at: string;
  readonly id: string | undefined;
}

function readPort(value: unknown, index: number): Given {
  const fields = isRecord(value) ? value : {};
  const { protocol = 'TCP' } = fields;
  const isValid = isPort(fields.port) && PROTOCOLS.includes(protocol);
  return { fields, at: fieldPath([...AT, index]), id: isValid ? idOf(fields) : undefined };
}

const PROTOCOLS: readonly unknown[] = ['TCP', 'UDP', 'SCTP'];

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

/** What no two ports of a Service may have in common. */
function idOf({ port, protocol = 'TCP' }: Fields): string {
  return `${port}-${protocol}`.toLowerCase();
}

/** What a port of the spec may say of any port. */
function changed(port: Given | undefined, onNodes: boolean): Fields {
  const { nodePort, appProtocol } = port?.fields ?? {};
  return {
    ...(onNodes && isPort(nodePort) ? { nodePort } : {}),
    ...(typeof appProtocol === 'string' && appProtocol !== '' ? { appProtocol } : {}),
  };
}

/** A port that the server does not have by itself; by the name of one it leads there. Each needs a name, and one of its own. */
function further(given: Given, own: readonly ServerPort[], onNodes: boolean): Fields {
  const { name, port, targetPort, protocol = 'TCP' } = given.fields;
  const like = own.find((one) => one.name === name);
  const usable = typeof name === 'string' && isDnsLabel(name) && like === undefined;
  const target = targetPort ?? like?.targetPort;
  return {
    name: usable ? name : `port-${given.id}`,
    port,
    ...(target === undefined ? {} : { targetPort: target }),
    protocol,
    ...changed(given, onNodes),
  };
}

interface Around {
  /** Whether it is one of the Service's ports. */
  readonly known: boolean;
  readonly own: readonly ServerPort[];
  readonly onNodes: boolean;
}

function noticesOf(given: Given, { known, own, onNodes }: Around): readonly string[] {
  const { fields, at, id } = given;
  if (id === undefined)
    return idle([at], 'a port of a Service has a number from 1 to 65535, and the protocol TCP, UDP or SCTP');
  if (!known) return idle([at], `${fieldPath(AT)} has port ${fields.port} already`);
  return [...fixedNotices(given, own), ...nodePortNotices(given, onNodes)];
}

/** Name and target of the server's ports are what clients and other objects go by. */
function fixedNotices({ fields, at, id }: Given, own: readonly ServerPort[]): readonly string[] {
  const server = own.find((port) => idOf(port) === id);
  if (server === undefined) return [];
  const others = (['name', 'targetPort'] as const).filter((key) => (fields[key] ?? server[key]) !== server[key]);
  const because = `port ${fields.port} is one of the server, with name and target of its own`;
  return idle(
    others.map((key) => `${at}.${key}`),
    because,
  );
}

function nodePortNotices({ fields: { nodePort }, at }: Given, onNodes: boolean): readonly string[] {
  if (nodePort === undefined || (onNodes && isPort(nodePort))) return [];
  return idle(
    [`${at}.nodePort`],
    onNodes ? 'it is no number from 1 to 65535' : 'only with type NodePort or LoadBalancer',
  );
}
