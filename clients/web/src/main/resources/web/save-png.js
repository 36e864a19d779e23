/** Hands a canvas to the person as a PNG file whose name is made of this text. */
export function savePng(canvas, name) {
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
