import { optionOf } from '../../core/properties.ts';
import { hashHex } from '../../lib/hash.ts';
import { withoutTrailingSlashes } from '../../lib/text.ts';
import type { SparkApplication } from '../schema.ts';
import type { SparkSettings } from '../settings.ts';
import type { SparkConf } from './entry.ts';

/** Longest name of a Service. */
const MAX_NAME = 63;

type Named = Pick<SparkApplication, 'metadata'>;

/** `<application>-<suffix>`, shortened with a hash where that is too long (Kubeflow Spark Operator 2.5, with another hash). */
export function nameWith({ metadata: { name } }: Named, suffix: string): string {
  const whole = `${name}-${suffix}`;
  if (whole.length <= MAX_NAME) return whole;
  return `${name.slice(0, MAX_NAME - suffix.length - 10)}-${hashHex(whole, 8)}-${suffix}`;
}

/** Name of the Service of the Spark UI. */
export function uiServiceName(application: Named): string {
  return nameWith(application, 'ui-svc');
}

/** Name of the Ingress of the Spark UI. */
export function uiIngressName(application: Named): string {
  return nameWith(application, 'ui-ingress');
}

/** Name of the Service of a port of spec.driverIngressOptions. */
export function portServiceName(application: Named, port: number): string {
  return nameWith(application, `driver-${port}`);
}

/** Name of the Ingress of a port of spec.driverIngressOptions. */
export function portIngressName(application: Named, port: number): string {
  return nameWith(application, `ing-${port}`);
}

/** Where the Spark UI listens if nothing else is said. */
export const UI_PORT = 4040;

/** Whether a number is that of a port. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** Port of the UI in the driver. */
export function uiPort(conf: SparkConf): number {
  return Number(optionOf(conf, 'spark.ui.port') ?? UI_PORT);
}

/** Port of the Service of the UI (Kubeflow Spark Operator 2.5: with sparkUIOptions not that of the driver). */
export function uiServicePort({ spec }: Pick<SparkApplication, 'spec'>, conf: SparkConf): number {
  const options = spec.sparkUIOptions;
  return options === undefined ? uiPort(conf) : (options.servicePort ?? UI_PORT);
}

/** An address outside the cluster. */
export interface OutsideAddress {
  readonly url: string;
  readonly host: string;
  /** Without a slash at its end; empty: the root. */
  readonly path: string;
}

/**
 * The address a URL format gives an application, `http` where it names no scheme (Kubeflow Spark Operator 2.5); undefined
 * where that is no URL of a host.
 */
export function outsideAddress(format: string, { metadata }: Named, applicationId: string): OutsideAddress | undefined {
  const filled = format
    .trim()
    .replaceAll(/\{\{\s*\$appName\s*\}\}/g, metadata.name)
    .replaceAll(/\{\{\s*\$appNamespace\s*\}\}/g, metadata.namespace ?? 'default')
    .replaceAll(/\{\{\s*\$appId\s*\}\}/g, applicationId);
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(filled) ? filled : `http://${filled}`;
  // Without a host, the URL standard takes the first part of the path for it.
  if (!URL.canParse(url) || url.includes(':///')) return undefined;
  const { hostname: host, pathname } = new URL(url);
  const known = /^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(host);
  return known ? { url, host, path: withoutTrailingSlashes(pathname) } : undefined;
}

/** Where the UI is outside the cluster; undefined where it has no Ingress. */
export function uiAddress(
  { uiService, ingress }: SparkSettings,
  application: Named,
  applicationId: string,
): OutsideAddress | undefined {
  if (!uiService || ingress.urlFormat === undefined) return undefined;
  return outsideAddress(ingress.urlFormat, application, applicationId);
}
