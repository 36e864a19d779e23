package io.scanline.trainer.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/**
 * Classes by the folders that images lie in: the first level at which they part. Folders that all images share, such as
 * the one folder of many archives, say nothing.
 *
 * @param names names of the classes; "images" alone when there are fewer than two folders
 * @param labels class of every image
 */
record FolderClasses(List<String> names, List<Integer> labels) {
    private static final String ONLY = "images";
    /** Class of images beside the folders. */
    private static final String OTHER = "other";

    static FolderClasses of(List<String> paths) {
        List<String[]> parts = paths.stream().map(path -> path.split("[/\\\\]")).toList();
        int shared = 0;
        while (allShare(parts, shared)) {
            shared++;
        }
        List<String> classes = new ArrayList<>();
        TreeSet<String> folders = new TreeSet<>();
        for (String[] path : parts) {
            boolean outside = path.length < shared + 2;
            classes.add(outside ? OTHER : path[shared]);
            if (!outside) {
                folders.add(path[shared]);
            }
        }
        if (folders.size() < 2) {
            return new FolderClasses(List.of(ONLY), Collections.nCopies(paths.size(), 0));
        }
        List<String> names = classes.stream().distinct().sorted().toList();
        return new FolderClasses(names, classes.stream().map(names::indexOf).toList());
    }

    private static boolean allShare(List<String[]> parts, int level) {
        return parts.stream().allMatch(path -> path.length > level + 1 && path[level].equals(parts.get(0)[level]));
    }
}
