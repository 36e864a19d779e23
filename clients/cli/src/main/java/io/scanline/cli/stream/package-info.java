/** What a generation sends: putting it together again, checking it, and telling how far it is. */
package io.scanline.cli.stream;
