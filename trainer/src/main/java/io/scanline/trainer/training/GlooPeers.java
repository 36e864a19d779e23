package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.full;
import static org.bytedeco.pytorch.global.torch.tensor;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_gloo;

/**
 * Processes on one or several hosts that meet at a TCP store of rank 0 and then reduce with torch.distributed's gloo
 * backend.
 */
public final class GlooPeers implements Peers {
    private final int rank;
    private final int size;
    private final TCPStore store;
    private ProcessGroupGloo group; // made at the first use, which waits for all

    private GlooPeers(int rank, int size, TCPStore store) {
        this.rank = rank;
        this.size = size;
        this.store = store;
    }

    /**
     * Opens the meeting point of rank 0, or goes to it. Does not wait for the others yet.
     *
     * @param meeting where rank 0 listens; port 0 there means any, see {@link #port()}
     * @throws IOException when it cannot be opened or reached
     */
    public static GlooPeers meet(InetSocketAddress meeting, int rank, int size) throws IOException {
        Loader.load(torch_gloo.class);
        TCPStoreOptions options = new TCPStoreOptions();
        options.port((short) meeting.getPort());
        options.isServer(rank == 0);
        options.waitWorkers(false);
        options.useLibUV(false);
        return new GlooPeers(rank, size, failing("meet at " + meeting, () -> new TCPStore(meeting.getHostString(), options)));
    }

    /** Port of the meeting point. */
    public int port() {
        return Short.toUnsignedInt(store.getPort());
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public double average(Parameters parameters, double loss) throws IOException {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor[] gradients = parameters.tensors().values().stream()
                    .map(Tensor::grad)
                    .filter(Tensor::defined) // the same ones on all ranks
                    .map(gradient -> gradient.reshape(-1))
                    .toArray(Tensor[]::new);
            Tensor[] all = Arrays.copyOf(gradients, gradients.length + 1);
            all[gradients.length] = tensor((float) loss).reshape(1);
            Tensor bucket = cat(new TensorVector(all), 0);
            done("average", () -> group().allreduce(new TensorVector(bucket)));
            bucket.div_(new Scalar((double) size));
            long first = 0;
            for (Tensor gradient : gradients) {
                gradient.copy_(bucket.narrow(0, first, gradient.numel())); // a view of what it flattens
                first += gradient.numel();
            }
            return bucket.narrow(0, first, 1).item_float();
        }
    }

    @Override
    public byte[] share(byte[] ofRankZero) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Tensor length = tensor(rank == 0 ? ofRankZero.length : 0L).reshape(1);
            done("share", () -> group().broadcast(new TensorVector(length)));
            int bytes = Math.toIntExact(length.item_long());
            if (bytes == 0) {
                return new byte[0]; // an empty tensor has no memory
            }
            Tensor content = full(new long[] {bytes}, new Scalar(0), new TensorOptions(ScalarType.Byte));
            BytePointer memory = new BytePointer(content.data_ptr()).capacity(bytes);
            if (rank == 0) {
                memory.put(ofRankZero);
            }
            done("share", () -> group().broadcast(new TensorVector(content)));
            byte[] shared = new byte[bytes];
            memory.position(0).get(shared);
            return shared;
        }
    }

    private ProcessGroupGloo group() {
        if (group == null) {
            try (PointerScope scope = new PointerScope()) {
                ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create();
                options.devices(
                        new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(address())));
                options.threads(1);
                group = new ProcessGroupGloo(store, rank, size, options);
                group.retainReference(); // outlives the scope
            }
        }
        return group;
    }

    /** The address of this host that the meeting point is reached from: gloo listens there. */
    private String address() {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(store.getHost().getString(), port())); // sends nothing
            return socket.getLocalAddress().getHostAddress();
        } catch (SocketException unreachable) {
            throw new IllegalStateException("no route to the meeting point", unreachable);
        }
    }

    private static void done(String what, Supplier<Work> work) throws IOException {
        failing(what, () -> work.get()._wait());
    }

    private static <R> R failing(String what, Supplier<R> call) throws IOException {
        try {
            return call.get();
        } catch (RuntimeException lost) {
            throw new IOException(
                    "the processes of the training could not " + what + ": "
                            + String.valueOf(lost.getMessage()).lines().findFirst().orElse(""),
                    lost);
        }
    }

    @Override
    public void close() {
        if (group != null) {
            group.releaseReference();
        }
        store.close();
    }
}
