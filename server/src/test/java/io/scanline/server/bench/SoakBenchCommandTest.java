package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.util.ResourceLeakDetector;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.Pixels;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That a soak finds nothing where there is nothing to be found, and would find what there could be. */
@Timeout(600)
class SoakBenchCommandTest {
    private static final String MODELS = TinyBundle.repository().toString();

    @Test
    void everyImageIsTheOneDrawnAlone() throws Exception {
        CommandRun run = CommandRun.of(
                new SoakBenchCommand(), "--models", MODELS, "--model", "tiny,tiny-ring,tiny-row-window", "--minutes",
                "0.06", "--streams", "12", "--slots", "4", "--threads", "1", "--intervals", "1", "--json");
        assertThat(run.rows("tiny-ring/1")).containsExactly(
                "soak-equal-over-finished", "soak-heap-over-begin", "soak-direct-over-begin",
                "soak-resident-over-begin", "soak-threads-over-begin");
        assertThat(run.out()).contains("\"ratio\":1.0,").contains("0 values lost, 0 repeated");
        assertThat(run.err()).contains("slots taken");
    }

    @Test
    void lostRepeatedAndOtherValuesAreFaults() {
        byte[] image = {1, 2, 3, 4};
        SoakTally tally = new SoakTally();
        PixelLedger right = new PixelLedger(4);
        right.enter(pixels(0, 0, 1, 2));
        right.nextStream();
        right.enter(pixels(0, 2, 3, 4));
        tally.check("right", right, image, true);
        assertThat(tally.faulty()).isZero();

        PixelLedger gap = new PixelLedger(4);
        gap.enter(pixels(0, 1, 2, 3, 4));
        assertThat(gap.lost()).isEqualTo(1);
        PixelLedger missing = new PixelLedger(4);
        missing.enter(pixels(1, 0, 1));
        assertThat(missing.lost()).isEqualTo(1);
        PixelLedger twice = new PixelLedger(4);
        twice.enter(pixels(0, 0, 1, 2));
        twice.enter(pixels(1, 1, 2, 3, 4));
        assertThat(twice.repeated()).isEqualTo(1);
        PixelLedger other = new PixelLedger(4);
        other.enter(pixels(0, 0, 1, 2, 3, 3));
        PixelLedger partial = new PixelLedger(4);
        partial.enter(pixels(0, 0, 1, 2));
        tally.check("gap", gap, image, false);
        tally.check("missing", missing, image, false);
        tally.check("twice", twice, image, true);
        tally.check("other", other, image, true);
        tally.check("partial, at the end", partial, image, true);
        assertThat(tally.faulty()).isEqualTo(5);
        assertThat(tally.finished()).isEqualTo(4);
        assertThat(tally.equal()).isEqualTo(2); // that of which a value came twice has all of them
        tally.check("partial, meanwhile", partial, image, false);
        assertThat(tally.faulty()).isEqualTo(5);
        assertThat(tally.faults()).hasSize(5).first().asString().startsWith("after 0 s: gap: ");
    }

    @Test
    void whatIsNotToldOneByOneIsCounted() {
        SoakTally tally = new SoakTally();
        for (int i = 0; i < 100; i++) {
            tally.fault("fault " + i);
        }
        assertThat(tally.faults()).hasSize(21).last().isEqualTo("and 80 more");
    }

    @Test
    @Timeout(60)
    void bufferThatIsNeverReleasedIsTold() {
        List<String> reports = new CopyOnWriteArrayList<>();
        ResourceLeakDetector<Object> detector = new LeakReports(reports::add).newResourceLeakDetector(Object.class, 1);
        detector.track(new Object());
        while (reports.isEmpty()) {
            System.gc();
            Object next = new Object();
            detector.track(next).close(next); // Netty looks for the lost when it follows one more
        }
        assertThat(reports.get(0)).startsWith("Object was not released. ");
    }

    private static Pixels pixels(long sequence, int first, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Pixels.newBuilder()
                .setSequence(sequence)
                .setFirstIndex(first)
                .setValues(ByteString.copyFrom(bytes))
                .build();
    }

    @Test
    void badArgumentsAreRefused() {
        assertThat(CommandRun.of(new SoakBenchCommand(), "--minutes", "0").exitCode()).isEqualTo(2);
        assertThat(CommandRun.of(new SoakBenchCommand(), "--streams", "0").exitCode()).isEqualTo(2);
        CommandRun codes = CommandRun.of(new SoakBenchCommand(), "--models", MODELS, "--model", TinyBundle.PRIOR);
        assertThat(codes.exitCode()).isEqualTo(1);
        assertThat(codes.err()).contains("draws no values");
    }
}
