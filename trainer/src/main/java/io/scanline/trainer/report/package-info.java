/** What a person sees of training: progress, loss curves, sample sheets and the table of results. */
package io.scanline.trainer.report;
