package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SendingLoopsTest {
    private static final int LONG_MILLIS = 400;

    private final SendingLoops loops = new SendingLoops(1, 0);
    private final SendingLoops gathering = new SendingLoops(1, LONG_MILLIS);
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        loops.close();
        gathering.close();
    }

    /** Returns once a loop has done all that it was handed before, and what those tasks handed it. */
    private static void awaitLoop(SendingLoops awaited) throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            CountDownLatch done = new CountDownLatch(1);
            awaited.group().next().execute(done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aLoopThatHadNothingToDoRunsATaskAtOnce() throws Exception {
        gathering.next().execute(() -> ran.add("first"));
        awaitLoop(gathering);
        assertThat(ran).containsExactly("first");
    }

    @Test
    void whatFollowsIsGathered() throws Exception {
        Executor loop = gathering.next();
        CountDownLatch done = new CountDownLatch(2);
        loop.execute(() -> ran.add("first"));
        awaitLoop(gathering);
        loop.execute(done::countDown);
        gathering.next().execute(done::countDown);
        awaitLoop(gathering);
        assertThat(done.getCount()).isEqualTo(2);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void afterAPauseATaskRunsAtOnceAgain() throws Exception {
        Executor loop = gathering.next();
        loop.execute(() -> ran.add("first"));
        awaitLoop(gathering);
        Thread.sleep(2 * LONG_MILLIS);
        loop.execute(() -> ran.add("second"));
        awaitLoop(gathering);
        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void withoutGatheringEveryTaskRunsAtOnce() throws Exception {
        Executor loop = loops.next();
        for (String task : List.of("first", "second", "third")) {
            loop.execute(() -> ran.add(task));
            awaitLoop(loops);
            assertThat(ran).endsWith(task);
        }
    }

    @Test
    void everyLoopRunsWhatItIsAskedFor() throws Exception {
        try (SendingLoops two = new SendingLoops(2, 1)) {
            List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch done = new CountDownLatch(4);
            List<Executor> each = List.of(two.next(), two.next());
            for (int i = 0; i < 4; i++) {
                each.get(i % 2).execute(() -> {
                    threads.add(Thread.currentThread());
                    done.countDown();
                });
            }
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(threads.stream().distinct()).hasSize(2);
        }
    }

    @Test
    void failureOfATaskLosesNoneOfTheOthers() throws Exception {
        Executor loop = gathering.next();
        CountDownLatch done = new CountDownLatch(2);
        loop.execute(() -> ran.add("first")); // the others are gathered
        awaitLoop(gathering);
        loop.execute(done::countDown);
        loop.execute(() -> {
            throw new AssertionError("of a task");
        });
        loop.execute(done::countDown);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void tasksAfterCloseAreDropped() throws Exception {
        Executor loop = loops.next();
        loops.close();
        assertThat(loops.group().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        loop.execute(() -> ran.add("too late"));
        loop.execute(() -> ran.add("too late"));
        assertThat(ran).isEmpty();
    }
}
