package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TeamTest {
    @Test
    void everyPartIsDoneByAThreadOfItsOwnAtTheSameTime() throws Exception {
        try (Team team = new Team(3)) {
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            CountDownLatch all = new CountDownLatch(3);
            team.run(3, part -> {
                threads.add(Thread.currentThread());
                all.countDown();
                try {
                    all.await();
                } catch (InterruptedException never) {
                    throw new GraphException("interrupted", never);
                }
            });
            assertThat(threads).hasSize(3).contains(Thread.currentThread());
        }
    }

    @Test
    void threadThatIsHeldUpLeavesPartsToTheOthers() throws Exception {
        try (Team team = new Team(2)) {
            CountDownLatch others = new CountDownLatch(3);
            team.run(4, part -> {
                if (part > 0) {
                    others.countDown();
                    return;
                }
                try {
                    others.await();
                } catch (InterruptedException never) {
                    throw new GraphException("interrupted", never);
                }
            });
            assertThat(others.getCount()).isZero();
        }
    }

    @Test
    void failureOfAnyPartIsThrownOnceAllHaveEnded() throws Exception {
        try (Team team = new Team(3)) {
            for (int broken = 0; broken < 3; broken++) {
                int failing = broken;
                AtomicInteger ended = new AtomicInteger();
                assertThatThrownBy(() -> team.run(3, part -> {
                            if (part == failing) {
                                throw new GraphException("part " + part);
                            }
                            sleep();
                            ended.incrementAndGet();
                        }))
                        .isInstanceOf(GraphException.class)
                        .hasMessage("part " + failing);
                assertThat(ended).hasValue(2);
            }
        }
    }

    @Test
    void nobodyWaitsForAThreadThatIsBusyForSomebodyElse() throws Exception {
        try (Team team = new Team(2)) {
            CountDownLatch busy = new CountDownLatch(2);
            CountDownLatch released = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                try {
                    team.run(2, part -> {
                        busy.countDown();
                        try {
                            released.await();
                        } catch (InterruptedException never) {
                            throw new GraphException("interrupted", never);
                        }
                    });
                } catch (GraphException unexpected) {
                    throw new IllegalStateException(unexpected);
                }
            });
            other.start();
            busy.await();
            AtomicInteger done = new AtomicInteger();
            team.run(2, part -> done.incrementAndGet());
            assertThat(done).hasValue(2);
            released.countDown();
            other.join();
        }
    }

    @Test
    void interruptionWaitsForThePartsAndIsNotLost() throws Exception {
        try (Team team = new Team(2)) {
            AtomicInteger ended = new AtomicInteger();
            Thread asking = Thread.currentThread();
            CountDownLatch begun = new CountDownLatch(1);
            asking.interrupt();
            team.run(2, part -> {
                if (Thread.currentThread() == asking) {
                    while (begun.getCount() > 0) {
                        Thread.onSpinWait(); // so that it has one part and the other thread the other one
                    }
                } else {
                    begun.countDown();
                    sleep();
                }
                ended.incrementAndGet();
            });
            assertThat(Thread.interrupted()).isTrue();
            assertThat(ended).hasValue(2);
        }
    }

    private static void sleep() throws GraphException {
        try {
            Thread.sleep(50);
        } catch (InterruptedException never) {
            throw new GraphException("interrupted", never);
        }
    }
}
