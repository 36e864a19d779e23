package io.scanline.trainer.training;

import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.TorchNumbers;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * One process of a distributed training on small images: RANK SIZE PORT-FILE DIRECTORY STEPS
 * RECIPE. Prints its weights' digest.
 */
final class PeerProcess {
    private PeerProcess() {}

    public static void main(String[] arguments) throws Exception {
        int rank = Integer.parseInt(arguments[0]);
        int size = Integer.parseInt(arguments[1]);
        Path portFile = Path.of(arguments[2]);
        Libtorch.load();
        int port = rank == 0 ? 0 : Integer.parseInt(Files.readString(portFile));
        try (GlooPeers peers = GlooPeers.meet(InetSocketAddress.createUnresolved("127.0.0.1", port), rank, size)) {
            if (rank == 0) {
                Path partial = Files.writeString(portFile.resolveSibling("port.part"), Integer.toString(peers.port()));
                Files.move(partial, portFile, StandardCopyOption.ATOMIC_MOVE);
            }
            try (TrainingRun run = SmallTraining.run(arguments[5], Path.of(arguments[3]), 1, peers)) {
                run.train(Integer.parseInt(arguments[4]), point -> {});
                System.out.println(digest(run.average()));
            }
        }
    }

    /** SHA-256 over all numbers, in order. */
    static String digest(Parameters parameters) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (var tensor : parameters.tensors().values()) {
            for (float number : TorchNumbers.of(tensor)) {
                digest.update(ByteBuffer.allocate(Float.BYTES).putFloat(number).flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
