/** How far the weights of a draw drove the swept vector, by which a heavy tail shows before a mean of few draws does. */
export interface TailSample {
  /** The largest ‖û_j‖/‖u_r‖ on the way back. */
  readonly norm: number;
  /**
   * The largest ‖A_jᵀû_j‖/(p_j ‖û_j‖) at a step whose coin could have fallen otherwise; 0 where there was none. Above 2 that factor has expanded û for
   * certain; a guard p_j ≥ κ α_j λ_max promises at most 1/κ.
   */
  readonly growth: number;
  /** 1/κ, what the guard promises of `growth`; absent where the probabilities have no guard. */
  readonly promised?: number;
}
