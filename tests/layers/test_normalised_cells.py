"""The normalised cells have the layout of the plain ones. test_recurrent.py tests their formulas and gradients."""

from seq2seq.layers.cells import CELLS
from seq2seq.layers.normalised_cells import NORMALISED_CELLS


def test_every_cell_has_a_normalised_form_of_the_same_layout():
    assert NORMALISED_CELLS.keys() == CELLS.keys()
    for name, cell in NORMALISED_CELLS.items():
        assert (cell.gates, cell.states, cell.saved) == (CELLS[name].gates, CELLS[name].states, CELLS[name].saved)
        assert cell.gates % sum(cell.blocks) == 0
