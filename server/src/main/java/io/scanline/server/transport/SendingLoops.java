package io.scanline.server.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The event loops of the connections, on which streams make their messages too. A loop that had nothing to do is woken up
 * and looks at once; then it looks again every few milliseconds until there is nothing. So several values, of several
 * streams, are sent at once while models are busy: their steps leave nothing of the code that sends in the caches of the
 * processors, and coming back to it for every step was measured to cost more than what it does then.
 */
final class SendingLoops implements AutoCloseable {
    private final EventLoopGroup group;
    private final List<Inbox> inboxes = new ArrayList<>(); // one for each loop
    private final AtomicLong given = new AtomicLong();

    /**
     * @param threads loops
     * @param gatherMillis between two looks of a loop; 0: it is woken up whenever there is something
     */
    SendingLoops(int threads, int gatherMillis) {
        IoHandlerFactory selecting = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("stream", true), selecting);
        for (int i = 0; i < threads; i++) {
            inboxes.add(new Inbox(group.next(), gatherMillis));
        }
    }

    EventLoopGroup group() {
        return group;
    }

    /** What a port of these loops is listened to with. */
    static Class<? extends ServerChannel> serverChannel() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /** One of the loops, for tasks that do not wait and take some microseconds. After close they are dropped. */
    Executor next() {
        return inboxes.get((int) (given.getAndIncrement() % inboxes.size()))::add;
    }

    /** What one loop is to do. */
    private static final class Inbox {
        private final EventLoop loop;
        private final int gatherMillis;
        private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean looking = new AtomicBoolean(); // a look is due

        Inbox(EventLoop loop, int gatherMillis) {
            this.loop = loop;
            this.gatherMillis = gatherMillis;
        }

        void add(Runnable task) {
            tasks.add(task);
            wake();
        }

        private void wake() {
            if (looking.compareAndSet(false, true)) {
                try {
                    loop.execute(this::look);
                } catch (RejectedExecutionException closed) { // tasks come from decode lanes, which must not be thrown at
                    looking.set(false);
                    tasks.clear();
                }
            }
        }

        private void look() {
            boolean found = false;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                loop.execute(task); // one by one, where that wakes nobody up: the failure of one loses none of the others
                found = true;
            }
            if (found && gatherMillis > 0) {
                loop.schedule(this::look, gatherMillis, TimeUnit.MILLISECONDS);
            } else {
                looking.set(false);
                if (!tasks.isEmpty()) {
                    wake();
                }
            }
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
