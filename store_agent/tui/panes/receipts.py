from store_agent.tui.panes.pane import Pane
class ReceiptsPane(Pane):
    pass
