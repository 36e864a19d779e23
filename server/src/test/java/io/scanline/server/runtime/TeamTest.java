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
    void interruptionWaitsForThePartsAndIsNotLost() throws Exception {
        try (Team team = new Team(2)) {
            AtomicInteger ended = new AtomicInteger();
            Thread.currentThread().interrupt();
            team.run(2, part -> {
                if (part == 1) {
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
