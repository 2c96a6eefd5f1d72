import { isTrue, optionOf } from '../../core/properties.ts';
import { parseSparkMib } from '../../lib/memory-size.ts';
import { languageOf, NO_RESOURCE } from '../language.ts';
import type { SparkApplication } from '../schema.ts';
import { needed, prefixed, type Rule, type SparkConf, unlessSet } from './entry.ts';
import { needsExecutorTemplate, SPARK_CONTAINERS, TEMPLATE_FILE } from './pod-templates.ts';
import { driverPodName, driverServiceName, executorPrefix, ownLabels, type Submission } from './submission.ts';

/** Ports of the driver where nothing else is set (Spark, Constants.scala, 3.3 to 4.3). */
export const DRIVER_PORT = '7078';
export const BLOCK_MANAGER_PORT = '7079';

/**
 * What a driver reads from its properties to find itself and its executors, as submission writes it (Spark 3.3 to 4.3,
 * the feature steps of KubernetesDriverBuilder), and the defaults of the incumbent. Given last, so that nothing wins over it.
 */
export function clusterRules(application: SparkApplication, conf: SparkConf, submission: Submission): readonly Rule[] {
  return [
    ...identityRules(application, submission),
    ...addressRules(application, submission),
    ...languageRules(application, conf),
    ...executorRules(application, conf, submission),
    ...labelRules(application, conf, submission),
  ];
}

function identityRules({ metadata, spec }: SparkApplication, submission: Submission): readonly Rule[] {
  const submitted = 'as a submission in cluster mode';
  return [
    needed('spark.master', 'k8s://https://kubernetes.default.svc', 'the API server, as pods see it'),
    needed('spark.submit.deployMode', 'cluster', submitted),
    needed('spark.kubernetes.submitInDriver', 'true', submitted),
    needed('spark.app.submitTime', `${submission.submittedAt}`, 'status.lastSubmissionAttemptTime'),
    needed('spark.app.id', submission.applicationId, 'status.sparkApplicationId'),
    needed('spark.kubernetes.namespace', metadata.namespace ?? 'default', 'metadata.namespace'),
    needed(
      'spark.kubernetes.driver.pod.name',
      driverPodName({ metadata, spec }),
      'executors are owned by the driver pod',
    ),
  ];
}

function addressRules(application: SparkApplication, submission: Submission): readonly Rule[] {
  const service = driverServiceName(application, submission);
  return [
    needed(
      'spark.driver.host',
      `${service}.${application.metadata.namespace ?? 'default'}.svc`,
      "the driver's Service",
    ),
    unlessSet('spark.driver.port', DRIVER_PORT, 'a port of the Service'),
    unlessSet('spark.driver.blockManager.port', BLOCK_MANAGER_PORT, 'a port of the Service'),
  ];
}

function languageRules({ spec }: SparkApplication, conf: SparkConf): readonly Rule[] {
  const language = languageOf(spec);
  const factor = language === 'java' ? '0.1' : '0.4';
  const { mainApplicationFile: main = NO_RESOURCE } = spec;
  const jars = [optionOf(conf, 'spark.jars'), main].filter((item) => item !== undefined).join(',');
  return [
    needed('spark.kubernetes.resource.type', language, 'the end of spec.mainApplicationFile'),
    unlessSet('spark.kubernetes.memoryOverheadFactor', factor, `what Spark adds for ${language}`),
    ...(language === 'java' && main !== NO_RESOURCE
      ? [needed('spark.jars', jars, 'executors find the main jar by it')]
      : []),
    ...heapRule(conf),
  ];
}

/** The driver's heap is handed to the JVM as it is written, and the JVM knows no `gb` and takes a bare number for bytes. */
function heapRule(conf: SparkConf): readonly Rule[] {
  const heap = optionOf(conf, 'spark.driver.memory');
  if (heap === undefined || /^\d+[kmgt]$/i.test(heap)) return [];
  return [needed('spark.driver.memory', `${parseSparkMib(heap) ?? 0}m`, 'in a unit of the JVM')];
}

function executorRules(application: SparkApplication, conf: SparkConf, submission: Submission): readonly Rule[] {
  const dynamic = isTrue(conf, 'spark.dynamicAllocation.enabled', false);
  const prefix = executorPrefix(application, submission);
  const template = 'fields of spec.executor that only a pod template can say';
  const hadoop = optionOf(conf, 'spark.kubernetes.hadoop.configMapName');
  return [
    ...(hadoop === undefined
      ? []
      : [needed('spark.kubernetes.executor.hadoopConfigMapName', hadoop, 'executors mount it too, from Spark 3.5 on')]),
    ...(dynamic ? [] : [unlessSet('spark.executor.instances', '1', 'default of the Kubeflow Spark Operator')]),
    unlessSet('spark.kubernetes.executor.podNamePrefix', prefix, 'no two submissions may share pod names'),
    ...(needsExecutorTemplate(application.spec)
      ? [
          needed('spark.kubernetes.executor.podTemplateFile', TEMPLATE_FILE, template),
          needed('spark.kubernetes.executor.podTemplateContainerName', SPARK_CONTAINERS.executor, template),
        ]
      : []),
  ];
}

/** The labels by which the operator tells its pods; a label of the same key given by the user would hide them. */
function labelRules(application: SparkApplication, conf: SparkConf, submission: Submission): readonly Rule[] {
  const own = Object.entries(ownLabels(application, submission));
  return ['driver', 'executor'].flatMap((role) => {
    const prefix = `spark.kubernetes.${role}.label.`;
    const foreign = prefixed(conf, prefix)
      .filter(([key]) => key.startsWith('sparkoperator.k8s.io/') && !own.some(([mine]) => mine === key))
      .filter(([key]) => key !== 'sparkoperator.k8s.io/scheduled-app-name')
      .map(([key]) => `${prefix}${key}`);
    return [
      { kind: 'remove', keys: foreign } as const,
      ...own.map(([key, value]) => needed(`${prefix}${key}`, value, 'the operator tells its pods by it')),
    ];
  });
}
