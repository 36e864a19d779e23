package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CoalescingTaskTest {
    @Test
    void manyRequestsBeforeAPassMakeOnePass() {
        Deque<Runnable> scheduled = new ArrayDeque<>();
        AtomicInteger passes = new AtomicInteger();
        CoalescingTask task = new CoalescingTask(scheduled::add, passes::incrementAndGet);

        for (int i = 0; i < 100; i++) {
            task.ask();
        }
        assertThat(scheduled).hasSize(1);
        scheduled.remove().run();

        assertThat(passes).hasValue(1);
        assertThat(scheduled).isEmpty();
    }

    @Test
    void requestDuringAPassMakesAnotherPass() {
        Deque<Runnable> scheduled = new ArrayDeque<>();
        AtomicInteger passes = new AtomicInteger();
        CoalescingTask[] task = new CoalescingTask[1];
        task[0] = new CoalescingTask(scheduled::add, () -> {
            if (passes.incrementAndGet() == 1) {
                task[0].ask();
            }
        });

        task[0].ask();
        scheduled.remove().run();
        assertThat(scheduled).hasSize(1);
        scheduled.remove().run();

        assertThat(passes).hasValue(2);
        assertThat(scheduled).isEmpty();
    }

    @Test
    void passesNeverOverlapAndTheLastRequestIsSeen() throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger value = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        CountDownLatch last = new CountDownLatch(1);
        int most = 20_000;
        CoalescingTask task = new CoalescingTask(pool, () -> {
            if (inside.incrementAndGet() != 1) {
                overlaps.incrementAndGet();
            }
            seen.set(value.get());
            inside.decrementAndGet();
            if (seen.get() == most) {
                last.countDown();
            }
        });
        Thread[] askers = new Thread[2];
        for (int i = 0; i < askers.length; i++) {
            askers[i] = new Thread(() -> {
                for (int n = 0; n < most / askers.length; n++) {
                    value.incrementAndGet();
                    task.ask();
                }
            });
            askers[i].start();
        }

        assertThat(last.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(overlaps).hasValue(0);
        pool.shutdown();
    }
}
