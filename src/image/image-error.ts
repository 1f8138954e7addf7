/** The bytes are no image, of another layout, or damaged: keep serving the old image. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: 'not-an-image' | 'other-version' | 'truncated' | 'altered' | 'inconsistent';

  constructor(code: ImageError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
