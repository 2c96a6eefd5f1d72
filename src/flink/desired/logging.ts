/** Log configuration files of a cluster's conf folder, by the names Flink's scripts look for. */
export const LOG_FILES = ['log4j-console.properties', 'logback-console.xml'] as const;

/** Log4j 2: everything from INFO on to the console, and to the file the web UI shows. */
const LOG4J = `# Read again every 30 seconds, so that levels can be changed without a restart.
monitorInterval = 30

rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = Console
rootLogger.appenderRef.file.ref = File

appender.stdout.name = Console
appender.stdout.type = Console
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n

# The file behind the web UI's log pages.
appender.file.name = File
appender.file.type = RollingFile
appender.file.fileName = \${sys:log.file}
appender.file.filePattern = \${sys:log.file}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 100MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 5

# The error a JobManager ends by, its innermost cause first: Kubernetes shows it in the status of the pod.
logger.entrypoint.name = org.apache.flink.runtime.entrypoint.ClusterEntrypoint
logger.entrypoint.appenderRef.termination.ref = Termination
logger.entrypoint.appenderRef.termination.level = ERROR

appender.termination.name = Termination
appender.termination.type = File
appender.termination.fileName = /dev/termination-log
appender.termination.createOnDemand = true
appender.termination.layout.type = PatternLayout
appender.termination.layout.alwaysWriteExceptions = false
appender.termination.layout.pattern = %notEmpty{%rEx{14}%n}%m%n
`;

/** Logback, for images that bring it: the same. */
const LOGBACK = `<configuration scan="true" scanPeriod="30 seconds">
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder>
      <pattern>%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %-60logger %X - %msg%n</pattern>
    </encoder>
  </appender>
  <appender name="file" class="ch.qos.logback.core.rolling.RollingFileAppender">
    <file>\${log.file}</file>
    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
      <fileNamePattern>\${log.file}.%i</fileNamePattern>
      <minIndex>1</minIndex>
      <maxIndex>5</maxIndex>
    </rollingPolicy>
    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy">
      <maxFileSize>100MB</maxFileSize>
    </triggeringPolicy>
    <encoder>
      <pattern>%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %-60logger %X - %msg%n</pattern>
    </encoder>
  </appender>
  <appender name="termination" class="ch.qos.logback.core.FileAppender">
    <filter class="ch.qos.logback.classic.filter.ThresholdFilter">
      <level>ERROR</level>
    </filter>
    <file>/dev/termination-log</file>
    <encoder>
      <pattern>%rEx{14}%msg%n</pattern>
    </encoder>
  </appender>
  <logger name="org.apache.flink.runtime.entrypoint.ClusterEntrypoint">
    <appender-ref ref="termination"/>
  </logger>
  <root level="INFO">
    <appender-ref ref="console"/>
    <appender-ref ref="file"/>
  </root>
</configuration>
`;

/** The log files of a cluster: `spec.logConfiguration` where it has one, else Weir's own. */
export function logFiles(own: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const defaults = { 'log4j-console.properties': LOG4J, 'logback-console.xml': LOGBACK };
  const given = LOG_FILES.filter((name) => own !== undefined && Object.hasOwn(own, name));
  return { ...defaults, ...Object.fromEntries(given.map((name) => [name, own?.[name] ?? ''])) };
}
