from store_agent.tui.panes.pane import Pane
class QueuePane(Pane):
    pass
