import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";
import { circlesRule } from "./scripts/lint/circles.mjs";
import { layersRule } from "./scripts/lint/layers.mjs";

export default tseslint.config(
  // "dist/" alone would be that of the root, and not the command's.
  { ignores: ["**/dist/", "runs/", "coverage/", ".cache/"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  prettier,
  {
    languageOptions: { parserOptions: { project: "tsconfig.check.json", tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { ufom: { rules: { circles: circlesRule, layers: layersRule } } },
    rules: {
      "ufom/circles": "error",
      "ufom/layers": "error",
      eqeqeq: "error",
      "no-constant-condition": ["error", { checkLoops: false }],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Draw from a named stream: same seed, same numbers." },
      ],
      "max-lines": ["error", { max: 300 }],
      "prefer-const": ["error", { destructuring: "all" }],

      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports", disallowTypeAnnotations: false }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/no-deprecated": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],

      // `async` marks that a function answers with a promise, also where this implementation has nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // Contracts are plain objects of functions, which are taken apart freely; none of them uses `this`.
      "@typescript-eslint/unbound-method": "off",
      // Coefficients stand as they were published or computed, with more digits than a double keeps.
      "no-loss-of-precision": "off",
      // The compiler reports these, and knows the types.
      "no-undef": "off",
      "no-redeclare": "off",
    },
  },
  {
    // Tests read JSON that they have just made, and call with what the types forbid.
    files: ["test/**", "bench/**"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    // Plain JavaScript that runs before anything is installed.
    files: ["**/*.js", "**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "@typescript-eslint/no-explicit-any": "off" },
  },
);
