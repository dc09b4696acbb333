"""This toolkit's translator on onnxruntime with a short-list: candidates of each source piece instead of all pieces."""

import toolkit_onnx
from toolkit_onnx import RunDirectory, Translation

CANDIDATES = 20  # of 5 to 100, each scored higher on the dev set than the whole vocabulary did


class Contender(toolkit_onnx.Contender):
    """The same weights, fewer scores."""

    def load(self) -> None:
        super().load()
        self.translator.shortlist = RunDirectory(self.task.run).shortlist()

    def translate(self, sources: list[str], beam: int, rows: int) -> list[str]:
        self.translator.search = Translation(
            beam_size=beam, batch_sentences=rows, length_penalty=0.0, shortlist=CANDIDATES
        )
        return self.translator.translate(sources)
