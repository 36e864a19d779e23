package io.scanline.trainer.data;

import io.scanline.trainer.data.IdxDataSet.IdxFile;
import io.scanline.trainer.data.IdxDataSet.Pair;
import java.net.URI;
import java.util.List;

/** Fashion-MNIST: 60,000 + 10,000 grey 28 x 28 pictures of clothes (Xiao, Rasul and Vollgraf, arXiv:1708.07747). */
public final class FashionMnist {
    /** The data set. */
    public static final IdxDataSet DATA_SET = new IdxDataSet(
            "fashion-mnist",
            "MIT",
            "Zalando Research, https://github.com/zalandoresearch/fashion-mnist",
            List.of("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
                    "Ankle boot"),
            List.of(
                    URI.create("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/"
                            + "b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/"),
                    URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")),
            new Pair(
                    new IdxFile("train-images-idx3-ubyte.gz", 26_421_880,
                            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
                    new IdxFile("train-labels-idx1-ubyte.gz", 29_515,
                            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9")),
            new Pair(
                    new IdxFile("t10k-images-idx3-ubyte.gz", 4_422_102,
                            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
                    new IdxFile("t10k-labels-idx1-ubyte.gz", 5_148,
                            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34")));

    private FashionMnist() {}
}
