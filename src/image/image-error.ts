/** The bytes are no image, of another layout, or damaged: keep serving the old image. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: 'not-an-image' | 'other-version' | 'truncated' | 'altered' | 'inconsistent';

  constructor(code: ImageError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** For an image whose bytes match their hash and yet make no sense: it was made wrong, not damaged. */
export function checkSection(section: string, isRight: boolean): asserts isRight {
  if (!isRight) throw new ImageError('inconsistent', `section \`${section}\` of the image is out of bounds`);
}
