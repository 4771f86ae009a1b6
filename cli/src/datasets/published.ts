/** A file as its authors published it. */
export interface PublishedFile {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The same file unpacked, which is taken in its place; and by whose checksum a file is known that somebody has packed again. */
  readonly unpacked?: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

const omniglotUrl = "https://github.com/brendenlake/omniglot/raw/master/python";
const mnistUrl = "https://storage.googleapis.com/cvdf-datasets/mnist";
const fashionUrl = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com";

const at =
  (base: string) =>
  (name: string, bytes: number, sha256: string): PublishedFile => ({ name, url: `${base}/${name}`, bytes, sha256 });

const omniglot = at(omniglotUrl);
/** A file in the IDX format, packed by gzip. */
const idx =
  (base: string) =>
  (name: string, bytes: number, sha256: string, unpackedBytes: number, unpackedSha256: string): PublishedFile => ({
    ...at(base)(`${name}.gz`, bytes, sha256),
    unpacked: { name, bytes: unpackedBytes, sha256: unpackedSha256 },
  });
const mnist = idx(mnistUrl);
const fashion = idx(fashionUrl);

/**
 * The published files of each data set. Sizes and checksums are those that TensorFlow Datasets lists too. Those of Fashion-MNIST unpacked are of Debian's
 * copy, whose packed files have the published checksums again once their headers have a name and a time.
 */
export const published = {
  omniglot: [
    omniglot("images_background.zip", 9_464_212, "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640"),
    omniglot("images_evaluation.zip", 6_462_886, "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee"),
  ],
  "omniglot-small": [
    omniglot("images_background_small1.zip", 1_319_022, "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4"),
    omniglot("images_background_small2.zip", 1_580_917, "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f"),
  ],
  cifar100: [
    {
      name: "cifar-100-binary.tar.gz",
      url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
      bytes: 168_513_733,
      sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    },
  ],
  mnist: [
    mnist(
      "train-images-idx3-ubyte",
      9_912_422,
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      47_040_016,
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    mnist(
      "train-labels-idx1-ubyte",
      28_881,
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      60_008,
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    mnist(
      "t10k-images-idx3-ubyte",
      1_648_877,
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      7_840_016,
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    mnist(
      "t10k-labels-idx1-ubyte",
      4_542,
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      10_008,
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
  ],
  "fashion-mnist": [
    fashion(
      "train-images-idx3-ubyte",
      26_421_880,
      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      47_040_016,
      "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    fashion(
      "train-labels-idx1-ubyte",
      29_515,
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      60_008,
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    fashion(
      "t10k-images-idx3-ubyte",
      4_422_102,
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      7_840_016,
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    fashion(
      "t10k-labels-idx1-ubyte",
      5_148,
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      10_008,
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
  ],
} as const satisfies Readonly<Record<string, readonly PublishedFile[]>>;
