/** As quick to start as a JVM can be on a machine shared with everything: a third less CPU until a JobManager is up. */
export const javaOptions = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
