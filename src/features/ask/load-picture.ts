/** A picture that the page itself may draw, upright and ready. */

/** @throws DOMException `EncodingError` for what does not come or cannot be decoded */
export async function loadPicture(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}
