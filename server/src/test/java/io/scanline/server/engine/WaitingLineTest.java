package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Whose turn is next. Items are named after their client and numbered. */
class WaitingLineTest {
    private static final int COST = 100;

    private static WaitingLine<String> line(Map<String, Integer> weights, int overtakes) {
        return new WaitingLine<>(COST, new Scheduling(weights, overtakes, Integer.MAX_VALUE));
    }

    private static void add(WaitingLine<String> line, String client, Priority priority, int count) {
        for (int i = 0; i < count; i++) {
            line.add(new Precedence(client, priority), client + i, COST);
        }
    }

    private static void add(WaitingLine<String> line, String client, int count) {
        add(line, client, Priority.NORMAL, count);
    }

    private static List<String> poll(WaitingLine<String> line, int count) {
        List<String> polled = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            polled.add(line.poll().item());
        }
        return polled;
    }

    @Test
    void clientsTakeTurnsAndEachIsServedInTheOrderOfItsComing() {
        WaitingLine<String> line = line(Map.of(), 8);
        add(line, "a", 4);
        add(line, "b", 2);
        add(line, "c", 1);
        assertThat(poll(line, 7)).containsExactly("a0", "b0", "c0", "a1", "b1", "a2", "a3");
        assertThat(line.isEmpty()).isTrue();
    }

    @Test
    void weightsAreSharesOfSteps() {
        WaitingLine<String> line = line(Map.of("a", 3), 8);
        add(line, "a", 6);
        add(line, "b", 6);
        assertThat(poll(line, 8)).containsExactly("a0", "a1", "a2", "b0", "a3", "a4", "a5", "b1");
    }

    @Test
    void cheapItemsPayForThemselvesOnly() {
        WaitingLine<String> line = line(Map.of(), 8);
        for (int i = 0; i < 4; i++) {
            line.add(new Precedence("small", Priority.NORMAL), "small" + i, COST / 2);
        }
        add(line, "large", 2);
        assertThat(poll(line, 6)).containsExactly("small0", "small1", "large0", "small2", "small3", "large1");
    }

    @Test
    void whatWasNotUsedIsGivenBackToThoseWhoStillWait() {
        WaitingLine<String> line = line(Map.of(), 8);
        add(line, "a", 4);
        add(line, "b", 4);
        assertThat(poll(line, 2)).containsExactly("a0", "b0");
        line.refund(new Precedence("a", Priority.NORMAL), COST); // a0 was cancelled before its first step
        line.refund(new Precedence("nobody", Priority.NORMAL), COST);
        assertThat(poll(line, 4)).containsExactly("a1", "a2", "b1", "a3");
    }

    @Test
    void idleClientIsForgottenAndKeepsNoCredit() {
        WaitingLine<String> line = line(Map.of("a", 5), 8);
        add(line, "a", 1);
        assertThat(line.clients()).isEqualTo(1);
        assertThat(poll(line, 1)).containsExactly("a0"); // four more turns were its due
        assertThat(line.clients()).isZero();
        add(line, "b", 2);
        add(line, "a", 1);
        assertThat(poll(line, 3)).containsExactly("b0", "a0", "b1");
        for (int i = 0; i < 1000; i++) {
            add(line, "passing" + i, 1);
            line.poll();
        }
        assertThat(line.clients()).isZero();
    }

    @Test
    void urgentOnesComeFirst() {
        WaitingLine<String> line = line(Map.of(), 8);
        add(line, "low", Priority.LOW, 1);
        add(line, "normal", 2);
        add(line, "high", Priority.HIGH, 2);
        assertThat(poll(line, 5)).containsExactly("high0", "high1", "normal0", "normal1", "low0");
    }

    @Test
    void nobodyIsOvertakenMoreOftenThanTheBound() {
        WaitingLine<String> line = line(Map.of(), 3);
        add(line, "low", Priority.LOW, 3);
        add(line, "normal", 3);
        add(line, "high", Priority.HIGH, 20);
        assertThat(poll(line, 10)).containsExactly(
                "high0", "high1", "high2", "low0", "normal0", "high3", "high4", "low1", "high5", "normal1");
    }

    @Test
    void thoseWhoAreGoneAreNotServed() {
        WaitingLine<String> line = line(Map.of(), 8);
        add(line, "a", 3);
        add(line, "b", 2);
        assertThat(line.removeIf(item -> item.startsWith("a") && !item.equals("a1") || item.startsWith("b")))
                .isEqualTo(4);
        assertThat(line.size()).isEqualTo(1);
        assertThat(line.clients()).isEqualTo(1);
        assertThat(line.waitingOf("a")).isEqualTo(1);
        assertThat(line.waitingOf("b")).isZero();
        assertThat(poll(line, 1)).containsExactly("a1");
    }

    /** Whatever came and went before: a copy foretells the order. */
    @Property(tries = 200)
    void copyForetellsTheOrder(@ForAll long seed) {
        Random random = new Random(seed);
        WaitingLine<String> line = line(Map.of("c1", 2, "c2", 7), 1 + random.nextInt(4));
        for (int i = 0; i < 60; i++) {
            if (random.nextInt(3) == 0 && !line.isEmpty()) {
                line.poll();
            } else {
                Priority priority = Priority.values()[random.nextInt(3)];
                line.add(new Precedence("c" + random.nextInt(5), priority), "i" + i, random.nextInt(COST + 1));
            }
        }
        WaitingLine<String> copy = line.copy((client, item) -> client + "/" + item);
        assertThat(copy.size()).isEqualTo(line.size());
        while (!line.isEmpty()) {
            assertThat(copy.poll().item()).endsWith("/" + line.poll().item());
        }
        assertThat(copy.isEmpty()).isTrue();
    }

    /** While all of them wait, no client is more than a quantum and an item from its share (Shreedhar and Varghese). */
    @Property(tries = 100)
    void sharesAreAsTheWeights(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int weight, @ForAll @IntRange(max = 300) int turns) {
        Random random = new Random(seed);
        WaitingLine<String> line = line(Map.of("heavy", weight), 8);
        for (int i = 0; i < 400; i++) {
            line.add(new Precedence("heavy", Priority.NORMAL), "heavy", 1 + random.nextInt(COST));
            line.add(new Precedence("light", Priority.NORMAL), "light", 1 + random.nextInt(COST));
        }
        Map<String, Long> used = new HashMap<>(Map.of("heavy", 0L, "light", 0L));
        for (int i = 0; i < turns; i++) {
            ClientTurns.Place<String> place = line.poll();
            used.merge(place.item(), place.cost(), Long::sum);
        }
        double apart = used.get("heavy") / (double) weight - used.get("light");
        assertThat(Math.abs(apart)).isLessThanOrEqualTo(3.0 * COST);
    }
}
