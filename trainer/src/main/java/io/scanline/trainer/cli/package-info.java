/** The trainer's commands: they read arguments, call the other packages, and say what came of it. */
package io.scanline.trainer.cli;
