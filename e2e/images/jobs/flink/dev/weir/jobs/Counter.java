package dev.weir.jobs;

import java.util.HashSet;
import java.util.Set;
import org.apache.flink.api.common.accumulators.LongMaximum;
import org.apache.flink.api.common.accumulators.LongMinimum;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts numbers that come in order from 1, in eight lanes (a number's lane is what remains of it divided by eight), so
 * that a change of parallelism moves state. Each lane remembers its last number and throws unless the next is eight
 * more. Accumulators, since the tasks last started: {@code count}, the greatest number seen; {@code restored}, the least
 * of the numbers that lanes found in their state, 0 where one found none.
 */
final class Counter extends KeyedProcessFunction<Long, Long, Long> {
    private static final long serialVersionUID = 1;
    private static final long LANES = 8;

    private final long failAfter;
    private final boolean acceptLoss;
    private final Work work;
    private final LongMaximum count = new LongMaximum();
    private final LongMinimum restored = new LongMinimum();
    private transient Set<Long> begun;
    private transient ValueState<Long> lastNumber;

    /**
     * @param failAfter throws at every number above this one
     * @param acceptLoss whether a lane without state may begin with any number instead of its first
     * @param work what each number costs
     */
    Counter(long failAfter, boolean acceptLoss, Work work) {
        this.failAfter = failAfter;
        this.acceptLoss = acceptLoss;
        this.work = work;
    }

    static Long laneOf(Long number) {
        return number % LANES;
    }

    @Override
    public void open(OpenContext context) {
        begun = new HashSet<>();
        lastNumber = getRuntimeContext().getState(new ValueStateDescriptor<>("last number", Types.LONG));
        getRuntimeContext().addAccumulator("count", count);
        getRuntimeContext().addAccumulator("restored", restored);
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        Long last = lastNumber.value();
        check(number, last);
        if (begun.add(context.getCurrentKey())) {
            restored.add(last == null ? 0 : last);
        }
        work.doOne();
        lastNumber.update(number);
        count.add(number);
        out.collect(number);
    }

    private void check(long number, Long last) {
        if (number > failAfter) {
            throw new IllegalStateException("weir: deliberate failure after " + failAfter);
        }
        if (last == null && number > LANES && !acceptLoss) {
            throw new IllegalStateException("weir: count lost: " + number + " came and there is no number before it");
        }
        if (last != null && number != last + LANES) {
            String how = number <= last ? "went back" : "jumped";
            throw new IllegalStateException("weir: count " + how + ": " + number + " came after " + last);
        }
    }
}
