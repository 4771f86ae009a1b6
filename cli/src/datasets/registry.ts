import type { NamedSet } from "./load-options.js";
import { drawnSets } from "./strokes/sets.js";

/** The data sets that have a name. */
export const registry: Readonly<Record<string, NamedSet>> = {
  omniglot: {
    summary: "1,623 handwritten characters of 50 alphabets, 20 drawings each",
    load: async options => (await import("./omniglot.js")).loadOmniglot(options),
  },
  "omniglot-964": {
    summary: "the 964 background characters of Omniglot as an IDX file, 32 × 32",
    load: async options => (await import("./omniglot-964.js")).loadOmniglot964(options),
  },
  "omniglot-small": {
    summary: "242 characters of 8 alphabets: Omniglot's two small background sets",
    load: async options => (await import("./omniglot.js")).loadOmniglotSmall(options),
  },
  cifar100: {
    summary: "100 kinds of things in 20 superclasses, 600 colour images of 32 × 32 each",
    load: async options => (await import("./cifar100.js")).loadCifar100(options),
  },
  "mini-imagenet": {
    summary: "100 classes of ImageNet in three parts (64, 16, 20), 600 images of 84 × 84 each",
    load: async options => (await import("./mini-imagenet.js")).loadMiniImagenet(options),
  },
  mnist: {
    summary: "70,000 handwritten digits of 28 × 28 pixels",
    load: async options => (await import("./digit-classes.js")).loadMnistClasses(options),
  },
  "fashion-mnist": {
    summary: "70,000 pictures of clothes of 28 × 28 pixels, ten kinds",
    load: async options => (await import("./digit-classes.js")).loadFashionMnistClasses(options),
  },
  ...drawnSets,
};
