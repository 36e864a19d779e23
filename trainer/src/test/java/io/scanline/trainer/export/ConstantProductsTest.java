package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.trainer.export.ConstantProducts.Product;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantProductsTest {
    private final OnnxGraph graph = new OnnxGraph("step");
    private final String x = graph.input("x", DataType.FLOAT, "batch", "positions", 2);
    private final String bias = graph.constant(new float[3], 3);

    private String matrix() {
        return graph.halfConstant("w", new float[6], 2, 3);
    }

    private List<Product> products() {
        return List.copyOf(new ConstantProducts(graph.body()).all());
    }

    @Test
    void vectorThatIsAddedIsPartOfTheProductOnWhicheverSide() {
        String w = matrix();
        String one = graph.node("Add", List.of(graph.node("MatMul", List.of(x, w)), bias));
        String other = graph.node("Add", List.of(bias, graph.node("MatMul", List.of(x, w))));
        assertThat(products()).containsExactly(new Product(x, w, bias, one), new Product(x, w, bias, other));
        assertThat(new ConstantProducts(graph.body()).inputs()).containsOnlyKeys(x).containsValue(2L);
    }

    @Test
    void productThatOthersReadAsWellIsWithoutTheVector() {
        String w = matrix();
        String product = graph.node("MatMul", List.of(x, w));
        graph.node("Add", List.of(product, bias));
        graph.node("Gelu", List.of(product));
        assertThat(products()).containsExactly(new Product(x, w, "", product));
    }

    @Test
    void productThatIsAnOutputIsWithoutTheVector() {
        String w = matrix();
        String product = graph.node("MatMul", List.of(x, w));
        graph.node("Add", List.of(product, bias));
        graph.output(product, DataType.FLOAT, "batch", "positions", 3);
        assertThat(products()).containsExactly(new Product(x, w, "", product));
    }

    @Test
    void additionOfWhatIsNoConstantVectorIsNotPartOfIt() {
        String w = matrix();
        String other = graph.input("other", DataType.FLOAT, "batch", "positions", 3);
        String product = graph.node("MatMul", List.of(x, w));
        graph.node("Add", List.of(product, other));
        assertThat(products()).containsExactly(new Product(x, w, "", product));
    }

    @Test
    void productOfActivationsOrOfALookUpIsNone() {
        String other = graph.input("other", DataType.FLOAT, "batch", 2, 3);
        graph.node("MatMul", List.of(x, other));
        graph.node("MatMul", List.of(graph.constant(new float[2], 1, 2), other));
        assertThat(products()).isEmpty();
    }
}
