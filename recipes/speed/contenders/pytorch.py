"""PyTorch by hand: the same network from `nn.GRU` and `nn.Linear`, packed sequences, a batched beam search.

It loads the toolkit's weights, so that both write the same translations and do the same work.
"""

import numpy as np
import torch
from task import CLIP_NORM, LEARNING_RATE, SEED, SIZES, Batch, Task, by_length, longest_target, padded
from torch import nn
from torch.ao.quantization import quantize_dynamic
from torch.nn.functional import cross_entropy, log_softmax
from torch.nn.utils.rnn import pack_padded_sequence

PAD, BOS, EOS, UNK = 0, 1, 2, 3
IMPOSSIBLE = -1e9


class Network(nn.Module):
    """Embedding, bidirectional GRU, one summary vector, GRU, readout, tied output layer."""

    def __init__(self, pieces: int):
        super().__init__()
        E, H, U = SIZES["embedding"], SIZES["encoder_units"], SIZES["decoder_units"]
        self.embedding = nn.Embedding(pieces, E, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=E**-0.5)
        self.encoder = nn.GRU(E, H, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(2 * H, U)
        self.decoder = nn.GRU(E, U, batch_first=True)
        self.readout = nn.Linear(U + E, E)
        self.output_bias = nn.Parameter(torch.zeros(pieces))

    def start(self, source: torch.Tensor) -> torch.Tensor:
        lengths = (source != PAD).sum(1).cpu()
        packed = pack_padded_sequence(self.embedding(source), lengths, batch_first=True, enforce_sorted=False)
        _, last = self.encoder(packed)
        return torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=-1)))[None]

    def logits(self, outputs: torch.Tensor, embedded: torch.Tensor) -> torch.Tensor:
        readout = torch.tanh(self.readout(torch.cat([outputs, embedded], dim=-1)))
        if hasattr(self, "output"):
            return self.output(readout)
        return nn.functional.linear(readout, self.embedding.weight, self.output_bias)

    def in_eight_bits(self) -> "Network":
        """The network after PyTorch's dynamic quantisation, for which the output layer becomes a module."""
        self.output = nn.Linear(*self.embedding.weight.shape[::-1])
        self.output.weight.data, self.output.bias.data = self.embedding.weight.data, self.output_bias.data
        return quantize_dynamic(self, {nn.GRU, nn.Linear}, dtype=torch.qint8)

    def forward(self, source: torch.Tensor, target_in: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
        """Logits of the true tokens only."""
        embedded = self.embedding(target_in)
        outputs, _ = self.decoder(embedded, self.start(source))
        return self.logits(outputs[true], embedded[true])


class Contender:
    """float32, bfloat16 under `autocast`, or int8 by `quantize_dynamic`."""

    def __init__(self, task: Task, precision: str):
        torch.manual_seed(SEED)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        if precision not in ("float32", "bfloat16", "int8"):
            raise ValueError(f"PyTorch runs in float32 or bfloat16, and translates in int8: received {precision}")
        self.task, self.precision, self.half = task, precision, precision == "bfloat16"
        self.network = Network(task.pieces).to(self.device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=LEARNING_RATE, eps=1e-8)

    def _loss(self, batch: Batch) -> torch.Tensor:
        inputs, target_out, weights = batch
        source, target_in, truth = (
            torch.from_numpy(array.astype(np.int64)).to(self.device)
            for array in (inputs["source"], inputs["target_in"], target_out)
        )
        true = torch.from_numpy(weights > 0).to(self.device)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.half):
            logits = self.network(source, target_in, true)
        return cross_entropy(logits.float(), truth[true])

    def train(self, batches: list[Batch]) -> None:
        for batch in batches:
            self.optimizer.zero_grad(set_to_none=True)
            self._loss(batch).backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), CLIP_NORM)
            self.optimizer.step()
        if self.device == "cuda":
            torch.cuda.synchronize()

    @torch.inference_mode()
    def loss(self, batches: list[Batch]) -> float:
        true = [int((weights > 0).sum()) for _, _, weights in batches]
        return sum(float(self._loss(b)) * n for b, n in zip(batches, true, strict=True)) / sum(true)

    def load(self) -> None:
        [best] = (self.task.run / "checkpoints").glob("best-*")
        with np.load(best / "arrays.npz", allow_pickle=False) as arrays:
            state = {name: torch.from_numpy(value) for name, value in _renamed(dict(arrays)).items()}
        self.network.load_state_dict(state)
        if self.precision == "int8":
            self.network = self.network.in_eight_bits()
        self.vocabulary = self.task.vocabulary()

    @torch.inference_mode()
    def translate(self, sources: list[str], beam: int, rows: int) -> list[str]:
        ids = [[*sentence, EOS] for sentence in self.vocabulary.encode(sources)]
        results = [""] * len(ids)
        for members in by_length(ids, rows):
            for index, row in zip(members, self._search([ids[index] for index in members], beam), strict=True):
                results[index] = self.vocabulary.decode([token for token in row if token not in (PAD, EOS)])
        return results

    def _search(self, ids: list[list[int]], beam: int) -> list[list[int]]:
        source = torch.from_numpy(padded(ids).astype(np.int64)).to(self.device)
        limits = torch.tensor([longest_target(sentence) for sentence in ids], device=self.device)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.half):
            state = self.network.start(source)
            return (self._greedy(state, limits) if beam == 1 else self._beam(state, limits, beam)).tolist()

    def _step(self, token: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        embedded = self.network.embedding(token)[:, None]
        outputs, state = self.network.decoder(embedded, state)
        logits = self.network.logits(outputs[:, 0], embedded[:, 0]).float()
        logits[:, [PAD, BOS, UNK]] = IMPOSSIBLE
        return logits, state

    def _greedy(self, state: torch.Tensor, limits: torch.Tensor) -> torch.Tensor:
        token = torch.full((len(limits),), BOS, device=self.device)
        done, written = torch.zeros_like(token, dtype=torch.bool), []
        while not done.all():
            logits, state = self._step(token, state)
            token = logits.argmax(-1)
            token[limits <= len(written) + 1] = EOS
            token[done] = PAD
            written.append(token)
            done = done | (token == EOS)
        return torch.stack(written, 1)

    def _beam(self, state: torch.Tensor, limits: torch.Tensor, K: int) -> torch.Tensor:
        B, V = len(limits), self.task.pieces
        state = state.repeat_interleave(K, 1)
        token = torch.full((B * K,), BOS, device=self.device)
        totals = torch.full((B, K), IMPOSSIBLE, device=self.device)
        totals[:, 0] = 0
        written = torch.zeros((B, K, 0), dtype=torch.int64, device=self.device)
        done = torch.zeros((B, K), dtype=torch.bool, device=self.device)
        first = K * torch.arange(B, device=self.device)[:, None]
        while not done.all():
            logits, state = self._step(token, state)
            log_probs = log_softmax(logits, -1).view(B, K, V)
            log_probs[limits <= written.shape[2] + 1, :, EOS + 1 :] = IMPOSSIBLE
            log_probs[done] = IMPOSSIBLE
            log_probs[..., PAD] = torch.where(done, 0.0, IMPOSSIBLE)
            totals, chosen = (totals[..., None] + log_probs).view(B, -1).topk(K)
            row = (chosen // V + first).view(-1)
            token = (chosen % V).view(-1)
            state = state[:, row]
            written = torch.cat([written.view(B * K, -1)[row].view(B, K, -1), token.view(B, K, 1)], 2)
            done = (done.view(-1)[row] | (token == EOS)).view(B, K)
        return written[:, 0]


def _renamed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The toolkit's weights under PyTorch's names and in its order of gates: reset, update, candidate."""
    name = {key.removeprefix("seq2seq|").replace("|", "/"): value for key, value in arrays.items()}
    result = {
        "embedding.weight": name["source_embedding/table"],
        "bridge.weight": name["decoder/bridge/kernel"].T,
        "bridge.bias": name["decoder/bridge/bias"],
        "readout.weight": name["decoder/readout/kernel"].T,
        "readout.bias": name["decoder/readout/bias"],
        "output_bias": name["output_bias"],
    }
    layers = {"encoder.{}_l0": "encoder/layer0_forward", "encoder.{}_l0_reverse": "encoder/layer0_backward"}
    for torch_name, ours in (layers | {"decoder.{}_l0": "decoder/layer0"}).items():
        for part, weight in (("weight_ih", "kernel"), ("weight_hh", "recurrent_kernel"), ("bias_ih", "bias")):
            z, r, candidate = np.split(name[f"{ours}/{weight}"], 3, axis=-1)
            result[torch_name.format(part)] = np.ascontiguousarray(np.concatenate([r, z, candidate], axis=-1).T)
        result[torch_name.format("bias_hh")] = np.zeros_like(result[torch_name.format("bias_ih")])
    return {key: np.ascontiguousarray(value) for key, value in result.items()}
