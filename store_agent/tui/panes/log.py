from store_agent.tui.panes.pane import Pane
class LogPane(Pane):
    pass
