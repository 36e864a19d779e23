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
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of the connections, on which streams make their messages too: a lane wakes one thread up once a step,
 * which makes the messages of all streams and writes them to a connection at once. Were they made on another thread, or
 * handed over one by one, the loop would wake up in the middle of them and write a few at a time.
 */
final class SendingLoops implements AutoCloseable {
    private final EventLoopGroup group;
    private final ThreadLocal<List<Sending>> gathered = new ThreadLocal<>(); // absent outside of together

    /** A task and where it is to run. */
    private record Sending(EventLoop loop, Runnable task) {}

    /** @param threads loops */
    SendingLoops(int threads) {
        IoHandlerFactory selecting = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("stream", true), selecting);
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
        EventLoop loop = group.next();
        return task -> {
            List<Sending> together = gathered.get();
            if (together == null) {
                handOver(loop, task);
            } else {
                together.add(new Sending(loop, task));
            }
        };
    }

    /** Hands over at once what a task of the calling thread has to be run on loops, when the task has ended. */
    void together(Runnable asking) {
        List<Sending> all = new ArrayList<>();
        gathered.set(all);
        try {
            asking.run();
        } finally {
            gathered.remove();
            while (!all.isEmpty()) {
                EventLoop loop = all.get(0).loop();
                List<Runnable> ofOne = all.stream().filter(each -> each.loop() == loop).map(Sending::task).toList();
                // One by one on the loop, where that wakes nobody up: the failure of one must not lose the others.
                handOver(loop, () -> ofOne.forEach(task -> handOver(loop, task)));
                all.removeIf(each -> each.loop() == loop);
            }
        }
    }

    private static void handOver(EventLoop loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closed) {
            // A wake-up comes from a decode lane, which must not be thrown at.
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
