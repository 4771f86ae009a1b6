/** Second moments of one draw where both gradients were computed: unbiased samples, as the draw is independent of them. */
export interface MomentSample {
  /** ‖G_target − G_baseline‖², or with c G_baseline where the baseline is scaled. */
  readonly difference: number;
  /** ‖G_target‖². */
  readonly target: number;
  /** ⟨G_target, G_baseline⟩. */
  readonly inner: number;
  /** ‖G_baseline‖². */
  readonly baseline: number;
  /** c, where the baseline is scaled: of all of it, or of each leaf of θ. */
  readonly scale?: number | readonly number[];
}
