package io.scanline.trainer;

import io.scanline.trainer.cli.TrainerCommand;

/** The {@code scanline-trainer} command. */
public final class Main {
    private Main() {}

    /** Runs one command. Exit codes: 0 done, 2 bad arguments, 1 anything else. */
    public static void main(String[] args) {
        System.exit(TrainerCommand.run(args));
    }
}
