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
    private final SendingLoops loops = new SendingLoops(1);
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        loops.close();
    }

    /** Returns once the loop has done all that it was handed before, and what those tasks handed it. */
    private void awaitLoop() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            CountDownLatch done = new CountDownLatch(1);
            loops.group().next().execute(done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void tasksThatAreAskedForTogetherRunWhenAllAreAskedFor() throws Exception {
        Executor loop = loops.next();
        Executor another = loops.next();
        loops.together(() -> {
            loop.execute(() -> ran.add("first"));
            another.execute(() -> ran.add("second"));
            try {
                awaitLoop();
            } catch (InterruptedException never) {
                throw new IllegalStateException(never);
            }
            ran.add("all asked for");
        });
        awaitLoop();
        assertThat(ran).containsExactly("all asked for", "first", "second");
    }

    @Test
    void whatATaskAsksForOnTheLoopFollowsTheTasksThatWereAskedForTogether() throws Exception {
        Executor loop = loops.next();
        loops.together(() -> {
            loop.execute(() -> loop.execute(() -> ran.add("written")));
            loop.execute(() -> ran.add("made"));
        });
        awaitLoop();
        awaitLoop();
        assertThat(ran).containsExactly("made", "written");
    }

    @Test
    void everyLoopRunsWhatItIsAskedFor() throws Exception {
        try (SendingLoops two = new SendingLoops(2)) {
            List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch done = new CountDownLatch(4);
            List<Executor> each = List.of(two.next(), two.next());
            two.together(() -> {
                for (int i = 0; i < 4; i++) {
                    each.get(i % 2).execute(() -> {
                        threads.add(Thread.currentThread());
                        done.countDown();
                    });
                }
            });
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(threads.stream().distinct()).hasSize(2);
        }
    }

    @Test
    void failureOfAnAskerStillHandsOverWhatWasAskedFor() throws Exception {
        Executor loop = loops.next();
        try {
            loops.together(() -> {
                loop.execute(() -> ran.add("asked for"));
                throw new IllegalStateException("of the asker");
            });
        } catch (IllegalStateException expected) {
            ran.add(expected.getMessage());
        }
        awaitLoop();
        loop.execute(() -> ran.add("later"));
        awaitLoop();
        assertThat(ran).containsExactlyInAnyOrder("asked for", "of the asker", "later");
    }

    @Test
    void failureOfATaskLosesNoneOfTheOthers() throws Exception {
        Executor loop = loops.next();
        loops.together(() -> {
            loop.execute(() -> {
                throw new AssertionError("of a task");
            });
            loop.execute(() -> ran.add("another"));
        });
        awaitLoop();
        assertThat(ran).containsExactly("another");
    }

    @Test
    void tasksAfterCloseAreDropped() throws Exception {
        Executor loop = loops.next();
        loops.close();
        assertThat(loops.group().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        loop.execute(() -> ran.add("too late"));
        loops.together(() -> loop.execute(() -> ran.add("too late")));
        assertThat(ran).isEmpty();
    }
}
