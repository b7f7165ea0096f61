"""The commands, end to end on a small folder of imagery."""

from pathlib import Path

import pytest
import torch
from imagery_folder import write_imagery

from cloudmask_training.commands import main


def test_train_goes_on_and_export_writes_what_the_server_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, folder, export = (tmp_path / name for name in ("data", "run", "export"))
    data.mkdir()
    write_imagery(data)
    train = ["--threads", "1", "train", "--data", str(data), "--folder", str(folder), "--variant", "b0-8"]
    train += ["--device", "cpu", "--loaders", "0", "--steps"]
    main([*train, "1"])
    main([*train, "2"])
    log = (folder / "log.txt").read_text()
    assert "from step 0" in log
    assert "from step 1" in log
    assert "\n2 validation" in log
    main(["export", "--folder", str(folder), "--id", "trial", "--to", str(export)])
    assert str(export / "weights.pt") in capsys.readouterr().out
    assert {path.name for path in export.iterdir()} == {"weights.pt", "config.yaml", "senseiv2-8.yaml"}
    weights = torch.load(export / "weights.pt", weights_only=True)
    assert len(weights) == 273
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32, torch.int64}


def test_export_of_a_run_that_has_saved_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no checkpoint"):
        main(["export", "--folder", str(tmp_path), "--id", "trial", "--to", str(tmp_path / "export")])
