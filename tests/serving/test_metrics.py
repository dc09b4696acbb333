"""Figures for Prometheus."""

from prometheus_client.parser import text_string_to_metric_families

from seq2seq.serving.metrics import Metrics


def test_figures_can_be_read_by_prometheus_and_belong_to_one_server():
    first, second = (Metrics(lambda: 3, lambda: False) for _ in range(2))
    first.answered("/translate", 200, 0.3)
    first.computed("translate", 5, 40, 0.25)
    figures = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(first.written().decode())
        for sample in family.samples
    }
    assert figures["seq2seq_requests_total", "/translate", "200"] == 1
    assert figures["seq2seq_request_seconds_bucket", "/translate", "0.25"] == 0
    assert figures["seq2seq_request_seconds_bucket", "/translate", "0.5"] == 1
    assert figures["seq2seq_batch_sentences_sum", "translate"] == 5
    assert figures["seq2seq_source_tokens_total", "translate"] == 40
    assert figures["seq2seq_batch_seconds_total", "translate"] == 0.25
    assert (figures["seq2seq_queue_sentences",], figures["seq2seq_worker_alive",]) == (3, 0)
    assert b'"/translate"' not in second.written()
