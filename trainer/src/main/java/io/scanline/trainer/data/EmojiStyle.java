package io.scanline.trainer.data;

import java.util.Locale;

/** A drawing style of the emoji data set. */
public enum EmojiStyle {
    /** The blobs of Android until version 7. */
    BLOB("Apache-2.0", "blob emoji (Google)"),
    /** Fluent, flat. */
    FLUENT("MIT", "Fluent Emoji (Microsoft)"),
    /** Noto. */
    NOTO("Apache-2.0", "Noto Emoji (Google; flags public domain)"),
    /** Twemoji. */
    TWEMOJI("CC-BY-4.0", "Twemoji (Twitter and contributors)");

    private final String licence;
    private final String credit;

    EmojiStyle(String licence, String credit) {
        this.licence = licence;
        this.credit = credit;
    }

    /** SPDX identifier of the licence of its drawings. */
    public String licence() {
        return licence;
    }

    /** Who drew it. */
    public String credit() {
        return credit;
    }

    /** Name of its folder in the file list; its archive has the same name and .zip. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }
}
