package io.scanline.server.engine;

import io.scanline.server.engine.ClientTurns.Place;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Who waits for a slot, and whose turn is next: the most urgent first, and of equal urgency clients in turn as
 * {@link ClientTurns} says. So that nobody starves, a less urgent one has its turn after {@link Scheduling#overtakes()}
 * more urgent ones in a row; it then has at least one of any overtakes + 2 turns. Who comes next depends on what waits
 * alone and on no clock, so that it can be foretold with a copy.
 */
final class WaitingLine<T> {
    private static final Priority[] LEAST_URGENT_FIRST = {Priority.LOW, Priority.NORMAL};

    private final Scheduling scheduling;
    private final Map<Priority, ClientTurns<T>> turns = new EnumMap<>(Priority.class);
    private final Map<Priority, Integer> overtaken = new EnumMap<>(Priority.class);
    private int size;

    /** @param dearest largest cost of an item */
    WaitingLine(long dearest, Scheduling scheduling) {
        this.scheduling = scheduling;
        for (Priority priority : Priority.values()) {
            turns.put(priority, new ClientTurns<>(dearest, scheduling));
            overtaken.put(priority, 0);
        }
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Items of a client that wait. */
    int waitingOf(String client) {
        return turns.values().stream().mapToInt(each -> each.waitingOf(client)).sum();
    }

    /** Clients that are known: those that have something waiting, once for each priority. */
    int clients() {
        return turns.values().stream().mapToInt(ClientTurns::clients).sum();
    }

    /** Slots that all items take. */
    int rows() {
        return turns.values().stream().mapToInt(ClientTurns::rows).sum();
    }

    /** Adds an item that takes one slot. */
    void add(Precedence precedence, T item, long steps) {
        add(precedence, item, steps, 1);
    }

    /** @param rows slots that it takes for so many steps */
    void add(Precedence precedence, T item, long steps, int rows) {
        turns.get(precedence.priority()).add(precedence.client(), item, steps, rows);
        size++;
    }

    /** Shows the next one; there must be one. */
    Place<T> peek() {
        return turns.get(next()).peek();
    }

    /** Takes out the next one; there must be one. */
    Place<T> poll() {
        Priority next = next();
        for (Priority lower : LEAST_URGENT_FIRST) {
            if (lower.compareTo(next) > 0 && !turns.get(lower).isEmpty()) {
                overtaken.merge(lower, 1, Integer::sum);
            }
        }
        Place<T> place = turns.get(next).poll();
        overtaken.put(next, 0);
        size--;
        return place;
    }

    private Priority next() {
        for (Priority lower : LEAST_URGENT_FIRST) {
            if (overtaken.get(lower) >= scheduling.overtakes() && !turns.get(lower).isEmpty()) {
                return lower;
            }
        }
        for (Priority priority : Priority.values()) {
            if (!turns.get(priority).isEmpty()) {
                return priority;
            }
        }
        throw new IllegalStateException("nobody waits");
    }

    /** What was taken out took fewer steps than its cost: its client has them back, if it has more waiting. */
    void refund(Precedence precedence, long cost) {
        turns.get(precedence.priority()).refund(precedence.client(), cost);
    }

    /** Takes items out that wait no more; returns how many. */
    int removeIf(Predicate<T> gone) {
        int before = size;
        turns.forEach((priority, each) -> {
            size -= each.removeIf(gone);
            if (each.isEmpty()) {
                overtaken.put(priority, 0);
            }
        });
        return before - size;
    }

    /** Shows all items, in no particular order. */
    void forEach(Consumer<T> look) {
        turns.values().forEach(each -> each.forEach(look));
    }

    /** The same line, of what a function makes of the clients and their items. */
    <U> WaitingLine<U> copy(BiFunction<String, T, U> of) {
        WaitingLine<U> copy = new WaitingLine<>(0, scheduling);
        turns.forEach((priority, each) -> copy.turns.put(priority, each.copy(of)));
        copy.overtaken.putAll(overtaken);
        copy.size = size;
        return copy;
    }
}
