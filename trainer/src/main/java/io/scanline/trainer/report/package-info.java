/** What a person sees of training: progress, loss curves and sample sheets. */
package io.scanline.trainer.report;
