package io.scanline.server.engine;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Waiting items of one priority, whose clients take turns by what their items cost: deficit round robin (M. Shreedhar
 * and G. Varghese, Efficient Fair Queueing Using Deficit Round Robin, IEEE/ACM Transactions on Networking 4 (3), 1996).
 * At its turn a client's deficit counter grows by its weight times the quantum, and it is served in the order of its
 * coming as long as the counter pays for it. Over any time in which two clients wait, their shares are as their
 * weights, but for one quantum and one item.
 *
 * <p>A client is known only as long as it has something waiting, and keeps no credit: there are never more clients than
 * items.
 */
final class ClientTurns<T> {
    private final long quantum;
    private final Scheduling scheduling;
    private final Map<String, Client<T>> clients = new HashMap<>();
    private final ArrayDeque<Client<T>> round = new ArrayDeque<>(); // whose turn it is comes first

    /**
     * Something that waits.
     *
     * @param item what it is
     * @param steps that it takes
     * @param rows slots that it takes meanwhile
     */
    record Place<T>(T item, long steps, int rows) {
        /** What is paid for it; at most the quantum. */
        long cost() {
            return steps * rows;
        }
    }

    private static final class Client<T> {
        private final String name;
        private final ArrayDeque<Place<T>> places = new ArrayDeque<>(); // never empty between two calls
        private long deficit;
        private boolean atTurn;

        Client(String name) {
            this.name = name;
        }
    }

    /** @param quantum largest cost of an item, so that every turn serves one at least */
    ClientTurns(long quantum, Scheduling scheduling) {
        this.quantum = quantum;
        this.scheduling = scheduling;
    }

    boolean isEmpty() {
        return round.isEmpty();
    }

    /** Items of a client that wait. */
    int waitingOf(String client) {
        Client<T> known = clients.get(client);
        return known == null ? 0 : known.places.size();
    }

    /** Clients that have something waiting. */
    int clients() {
        return clients.size();
    }

    /** Slots that all of them take. */
    int rows() {
        return round.stream().flatMap(client -> client.places.stream()).mapToInt(Place::rows).sum();
    }

    void add(String client, T item, long steps, int rows) {
        clients.computeIfAbsent(client, this::join).places.add(new Place<>(item, steps, rows));
    }

    private Client<T> join(String name) {
        Client<T> joined = new Client<>(name);
        round.add(joined);
        return joined;
    }

    /** Takes out the next one; there must be one. */
    Place<T> poll() {
        Place<T> next = peek();
        Client<T> client = round.element();
        client.deficit -= next.cost();
        client.places.remove();
        if (client.places.isEmpty()) {
            round.remove();
            clients.remove(client.name);
        }
        return next;
    }

    /** Shows the next one, whose turn has come then; there must be one. */
    Place<T> peek() {
        while (true) {
            Client<T> client = round.element();
            if (!client.atTurn) {
                client.atTurn = true;
                client.deficit += quantum * scheduling.weight(client.name);
            }
            Place<T> next = client.places.element();
            if (next.cost() <= client.deficit) {
                return next;
            }
            client.atTurn = false;
            round.add(round.remove());
        }
    }

    /** What was taken out cost less than was said; forgotten with the client. */
    void refund(String client, long cost) {
        Client<T> known = clients.get(client);
        if (known != null) {
            known.deficit += cost;
        }
    }

    /** Takes items out that wait no more; returns how many. */
    int removeIf(Predicate<T> gone) {
        int removed = 0;
        for (Iterator<Client<T>> each = round.iterator(); each.hasNext(); ) {
            Client<T> client = each.next();
            int before = client.places.size();
            client.places.removeIf(place -> gone.test(place.item()));
            removed += before - client.places.size();
            if (client.places.isEmpty()) {
                each.remove();
                clients.remove(client.name);
            }
        }
        return removed;
    }

    /** Shows all items, in no particular order. */
    void forEach(Consumer<T> look) {
        round.forEach(client -> client.places.forEach(place -> look.accept(place.item())));
    }

    /** The same turns, of what a function makes of the clients and their items. */
    <U> ClientTurns<U> copy(BiFunction<String, T, U> of) {
        ClientTurns<U> copy = new ClientTurns<>(quantum, scheduling);
        for (Client<T> client : round) {
            client.places.forEach(place ->
                    copy.add(client.name, of.apply(client.name, place.item()), place.steps(), place.rows()));
            Client<U> copied = copy.clients.get(client.name);
            copied.deficit = client.deficit;
            copied.atTurn = client.atTurn;
        }
        return copy;
    }
}
