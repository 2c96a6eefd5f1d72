import type { KubeObject } from '../../kube/object.ts';
import { needsExecutorTemplate } from '../conf/pod-templates.ts';
import type { Submission } from '../conf/submission.ts';
import type { SparkApplication } from '../schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from '../settings.ts';
import type { SparkConf } from '../spark-conf.ts';
import { aroundObjects } from './around.ts';
import { confMap, templateMap } from './config-maps.ts';
import { driverPod } from './driver-pod.ts';
import { buildOf } from './names.ts';
import { driverService } from './service.ts';

export { TEMPLATE_HASH } from './config-maps.ts';

/** Every object of one submission. */
export interface DesiredSubmission {
  /** What the driver needs beside its conf folder: Service, and a ConfigMap for its executors; owned by the application. */
  readonly supports: readonly KubeObject[];
  /** What the application has beside its pods: Services and Ingresses, a disruption budget. */
  readonly around: readonly KubeObject[];
  /** The driver pod, made when all of that but the Services is there, and beside these. */
  readonly driver: KubeObject;
  /**
   * The ConfigMap with the driver's conf folder, made last: the kubelet starts no container of the pod without it. Where it is
   * there the driver was made, and where it is not the driver has never run.
   */
  readonly confFolder: KubeObject;
}

/** The ConfigMap with the template of one submission's executors, as the present spec says. */
export function executorTemplateMap(
  application: SparkApplication,
  conf: SparkConf,
  submission: Submission,
  settings: SparkSettings,
): KubeObject {
  return templateMap(buildOf(application, conf, submission, settings));
}

/**
 * The objects of one submission, named and labelled as Spark and the incumbent do, from its effective properties. Same
 * input, same bytes.
 */
export function desiredSubmission(
  application: SparkApplication,
  conf: SparkConf,
  submission: Submission,
  settings: SparkSettings = DEFAULT_SETTINGS,
): DesiredSubmission {
  const build = buildOf(application, conf, submission, settings);
  const template = needsExecutorTemplate(application.spec) ? [templateMap(build)] : [];
  return {
    supports: [...template, driverService(build)],
    around: aroundObjects(build),
    driver: driverPod(build),
    confFolder: confMap(build),
  };
}
