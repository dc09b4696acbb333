"""This toolkit's translator on onnxruntime, in float32 or int8: it trains nothing, so that it needs no Keras."""

from task import Task

from seq2seq.engine.graphs import write_graphs
from seq2seq.engine.network import OnnxNetwork
from seq2seq.engine.onnx import OnnxEngine
from seq2seq.engine.products import Float32, Int8
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Translation
from seq2seq.translator import Translator


class Contender:
    """The weights of the task's run as graphs."""

    def __init__(self, task: Task, precision: str):
        self.task, self.products = task, Int8() if precision == "int8" else Float32()

    def load(self) -> None:
        run = RunDirectory(self.task.run)
        graphs = write_graphs(run.best().arrays, run.config().model, self.products)
        self.translator = Translator(OnnxEngine([OnnxNetwork(graphs)]), run.tokenizers())

    def translate(self, sources: list[str], beam: int, rows: int) -> list[str]:
        self.translator.search = Translation(beam_size=beam, batch_sentences=rows, length_penalty=0.0)
        return self.translator.translate(sources)
